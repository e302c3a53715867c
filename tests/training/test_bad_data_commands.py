"""Unusable data on the command line: one sentence with file and line, and exit code 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.bad_data import BAD, TOO_LITTLE, Bad, write_bad
from tests.training.test_commands import kefu
from tests.training.tiny_versions import train_tiny
from training.corpus import read_corpus
from training.errors import CorpusInvalid

LEARNING = ("--base", "tiny", "--recipe", "recipe.toml", "--out", "out", "--data")
COMMANDS: dict[str, tuple[str, ...]] = {
    "train": ("train", "intent", *LEARNING),
    "compare": ("compare", "intent", *LEARNING),
    "evaluate": ("evaluate", "intent", "--model", "model", "--data"),
    "check": ("data", "check"),
}
BY_NAME = {bad.name: bad for bad in BAD}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    train_tiny(folder)
    return folder


@pytest.fixture(autouse=True)
def _in_folder(bench: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(bench)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_broken_file_is_one_sentence_with_its_line(bad: Bad, tmp_path: Path) -> None:
    path = write_bad(bad, tmp_path)
    where = f"{path}: " if bad.line is None else f"{path}, line {bad.line}: "
    with pytest.raises(CorpusInvalid) as caught:
        read_corpus(path)
    assert str(caught.value).startswith(where)
    assert bad.complaint in str(caught.value)
    assert caught.value.chinese != caught.value.reason


@pytest.mark.parametrize("name", ["gbk.csv", "label.csv", "empty.csv", "list.jsonl"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_it_and_exits_with_1(
    command: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write_bad(BY_NAME[name], tmp_path)
    assert kefu(monkeypatch, *COMMANDS[command], path) == 1
    err = capsys.readouterr().err
    where = f"{path}, line {BY_NAME[name].line}: " if BY_NAME[name].line else f"{path}: "
    assert where in err
    assert BY_NAME[name].complaint in err
    assert "Traceback" not in err


@pytest.mark.parametrize("bad", TOO_LITTLE, ids=lambda bad: bad.name)
@pytest.mark.parametrize("command", ["train", "compare", "check"])
def test_too_little_to_learn_from_is_said_of_the_file_that_was_named(
    command: str,
    bad: Bad,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write_bad(bad, tmp_path)
    assert kefu(monkeypatch, *COMMANDS[command], path) == 1
    err = capsys.readouterr().err
    assert f"{path}: " in err
    assert bad.complaint in err


def test_a_share_of_the_rows_that_is_too_small_to_compare_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "few.csv"
    rows = "".join(f"word {n},{'xy'[n % 2]},en\n" for n in range(18))
    path.write_text(f"text,intent,language\n{rows}", encoding="utf-8")
    shares = ("--folds", "3", "--fractions", "0.5,1")
    assert kefu(monkeypatch, *COMMANDS["compare"], path, *shares) == 1
    err = capsys.readouterr().err
    assert f"with 3 folds a share of 0.5 of {path} is too little (it has 6 rows" in err
