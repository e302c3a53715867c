from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from training.data_check_command import register

ROWS = "text,intent\n" + "".join(f"text {n},{'ab'[n % 2]}\n" for n in range(20))


def _run(*arguments: str | Path) -> Result:
    app = typer.Typer(rich_markup_mode=None)
    register(app)
    environment = {"COLUMNS": "300"}
    return CliRunner().invoke(app, ["data", "check", *map(str, arguments)], env=environment)


@pytest.fixture
def train(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    path.write_text(ROWS + "text 1,a\n退款,c\n", "utf-8")
    return path


def test_sound_data_exit_with_0_and_a_summary(train: Path) -> None:
    result = _run(train)
    assert result.exit_code == 0
    assert "line 22" in result.stdout
    assert "same text, different intent" in result.stdout
    assert "22 rows of 3 intents (en 21, zh 1), read as csv." in result.stdout
    assert "It can be trained on: 2 notes, no faults." in result.stdout


def test_chinese_is_spoken_where_it_is_asked_for(train: Path) -> None:
    train.write_text(train.read_text("utf-8") + "hi,\n", "utf-8")
    result = _run(train, "--language", "zh")
    assert result.exit_code == 1
    assert "此处为 a，第 3 行为 b" in result.stdout
    assert f"{train}，第 24 行：意图为空。" in result.stderr


def test_a_fault_is_one_sentence_on_stderr_and_exit_code_1(train: Path) -> None:
    train.write_text(train.read_text("utf-8") + "hi,\n", "utf-8")
    result = _run(train)
    assert result.exit_code == 1
    assert f"kefu: {train}, line 24: the intent is empty." in result.stderr
    assert "It cannot be trained on before its faults are mended: 1." in result.stdout


def test_rows_of_the_other_files_are_counted(train: Path, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("text,intent\ntext 1,b\n")
    (tmp_path / "t.csv").write_text("text,intent\ntext 2,a\n")
    result = _run(train, "--against", tmp_path / "v.csv", "--against", tmp_path / "t.csv")
    assert "3 rows stand in a file that measures too" in result.stdout


def test_long_lists_are_cut_unless_all_is_asked_for(train: Path) -> None:
    train.write_text(ROWS + "text 1,b\n" * 15, "utf-8")
    assert "and 5 more like it" in _run(train).stdout
    assert "more like it" not in _run(train, "--all").stdout


def test_json_names_every_place_and_no_sentence(train: Path) -> None:
    answer = json.loads(_run(train, "--json").stdout)
    assert (answer["usable"], answer["rows"], answer["intents"]) == (True, 22, 3)
    assert answer["findings"][0] == {
        "problem": "conflict",
        "file": "train.csv",
        "line": 22,
        "message": "same text, different intent",
        "detail": "a, but b in line 3",
    }
    assert "text 1" not in json.dumps(answer)


def test_a_missing_file_is_said_in_json_too(tmp_path: Path) -> None:
    result = _run(tmp_path / "absent.csv", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["faults"][0]["message"] == "there is no such file"
    assert answer["usable"] is False
