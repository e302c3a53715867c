"""The command line as a user meets it: help, answers, files, and clear words for what is wrong.

Of each group of commands one is started as a program; the others run in this process.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import call_kefu, run_kefu

pytestmark = pytest.mark.usefixtures("loaded_once")


def _write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_the_program_explains_itself(tmp_path: Path) -> None:
    result = run_kefu("--help", home=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Usage: kefu" in result.stdout


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("serve",),
        ("demo",),
        ("ask",),
        ("kb",),
        ("kb", "import"),
        ("kb", "build"),
        ("kb", "search"),
        ("models",),
        ("models", "pull"),
        ("train", "intent"),
        ("evaluate", "intent"),
    ],
    ids=" ".join,
)
def test_every_command_explains_itself(command: tuple[str, ...], tmp_path: Path) -> None:
    result = call_kefu(*command, "--help", home=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Usage" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("nonsense",), 2, "No such command"),
        (("ask",), 2, "--input"),
        (("ask", "hello", "--collection", "nowhere"), 1, "nowhere"),
        (("ask", "hello", "--collection", "../x"), 1, "../x"),
        (("ask", "--input", "no.jsonl", "--output", "o.jsonl"), 1, "no.jsonl"),
        (("kb", "import", "missing.csv"), 1, "missing.csv"),
        (("kb", "build", "--collection", "nowhere"), 1, "nowhere"),
        (("models", "pull", "gpt9"), 1, "gpt9"),
        (("train", "intent", "--data", "no.csv", "--out", "o"), 1, "no.csv"),
        (("evaluate", "intent", "--model", "no", "--data", "no.csv", "--report", "r"), 1, "no"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_wrong_use_is_one_clear_sentence(
    arguments: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    result = call_kefu(*arguments, home=tmp_path)
    assert result.returncode == code, result.stderr
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    result = run_kefu("kb", "list", home=tmp_path, KEFU_PORT="many")
    assert result.returncode == 1
    assert "KEFU_PORT" in result.stderr
    assert "many" not in result.stderr


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"id,question,answer\n1,Q?,A\n1,Q2?,B\n", "line 3"),
        (b"id,question\n1,Q?\n", "line 1"),
        (b"id,question,answer\n1,Q?,\n", "line 2"),
        (b"id,question,answer\n1,Q\x00?,A\n", "line 2"),
        (b"id,question,answer\n1,\xff\xfe,A\n", "line 2"),
    ],
)
def test_a_broken_csv_names_its_line_and_imports_nothing(
    content: bytes, line: str, tmp_path: Path
) -> None:
    source = tmp_path / "kb.csv"
    source.write_bytes(content)
    result = call_kefu("kb", "import", source, "--collection", "mine", home=tmp_path)
    assert result.returncode == 1
    assert line in result.stderr
    assert "mine" not in call_kefu("kb", "list", home=tmp_path).stdout


@pytest.mark.models
def test_one_question_in_the_terminal(demo_home: Path) -> None:
    result = run_kefu("ask", "忘记密码了怎么办", home=demo_home)
    assert result.returncode == 0, result.stderr
    assert "reset-password-zh" in result.stdout


@pytest.mark.models
def test_a_file_of_questions_and_conversations(demo_home: Path, tmp_path: Path) -> None:
    source = _write(
        tmp_path / "q.jsonl",
        {"id": "1", "question": "how do I reset my password"},
        {"id": "2", "turns": ["你好", "忘记密码怎么办"]},
        {"id": "3", "question": ""},
        {"id": "4", "question": "\ud83d"},
    )
    output = tmp_path / "a.jsonl"
    result = call_kefu("ask", "--input", source, "--output", output, home=demo_home)
    assert result.returncode == 1
    assert "2 of 4" in result.stderr
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert rows[0]["citations"] == ["reset-password-en"]
    assert rows[0]["language"] == "en"
    assert [turn["action"] for turn in rows[1]["turns"]] == ["answer", "answer"]
    assert "empty" in rows[2]["error"]
    assert "surrogate" in rows[3]["error"]


@pytest.mark.models
def test_a_companys_own_knowledge_answers_without_the_demo_companys_intents(
    demo_home: Path, tmp_path: Path
) -> None:
    collection = f"own-{tmp_path.name[-8:].replace('_', '-')}"
    source = tmp_path / "kb.csv"
    source.write_text(
        "id,question,answer\n"
        "hours,When does the library open?,The library opens at nine.\n"
        "card,How do I get a library card?,Bring an identity document to the desk.\n",
        encoding="utf-8",
    )
    try:
        imported = run_kefu("kb", "import", source, "--collection", collection, home=demo_home)
        assert "2 added" in imported.stdout, imported.stderr
        built = call_kefu("kb", "build", "--collection", collection, home=demo_home)
        assert built.returncode == 0, built.stderr
        table = call_kefu(
            "kb",
            "search",
            "opening time of the library",
            "--collection",
            collection,
            home=demo_home,
        )
        assert table.stdout.index("hours") < table.stdout.index("card")
        answer = call_kefu(
            "ask", "When does the library open?", "--collection", collection, home=demo_home
        )
        assert "opens at nine" in answer.stdout
    finally:
        shutil.rmtree(demo_home / "collections" / collection)


@pytest.mark.models
def test_a_corrupt_index_is_named_and_not_served(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "collections").mkdir(parents=True)
    shutil.copytree(demo_home / "collections" / "demo", home / "collections" / "demo")
    for name in ("models", "intents"):
        (home / name).symlink_to(demo_home / name)
    version = (home / "collections" / "demo" / "CURRENT").read_text(encoding="utf-8").strip()
    index = home / "collections" / "demo" / "versions" / version / "dense.faiss"
    index.write_bytes(index.read_bytes()[:-100])
    result = call_kefu("ask", "hello", home=home)
    assert result.returncode == 1
    assert "dense.faiss" in result.stderr
    assert "Traceback" not in result.stderr
