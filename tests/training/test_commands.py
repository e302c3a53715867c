from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.cli import main
from tests.tiny_encoder import toy_rows, write_csv, write_encoder, write_recipe


def kefu(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["kefu", *map(str, arguments)])
    monkeypatch.setenv("COLUMNS", "300")
    with pytest.raises(SystemExit) as exited:
        main()
    return int(exited.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "train.csv", toy_rows())
    write_encoder(tmp_path / "tiny")
    write_recipe(tmp_path / "recipe.toml")
    return tmp_path


def _train(monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    arguments = ("--data", "train.csv", "--base", "tiny", "--recipe", "recipe.toml")
    return kefu(monkeypatch, "train", "intent", *arguments, "--out", "model", *more)


def test_train_then_evaluate(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _train(monkeypatch, "--epochs", "2", "--seed", "3") == 0
    assert "Trained on 80 rows from tiny, 2 epochs" in capsys.readouterr().err
    arguments = ("--model", "model", "--data", "train.csv", "--report", "new/report.json")
    assert kefu(monkeypatch, "evaluate", "intent", *arguments) == 0
    assert json.loads((folder / "new" / "report.json").read_text())["n"] == 80


def test_odd_rows_are_told_with_their_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "train.csv").open("a") as stream:
        stream.write("lone wolf,rare,en\n")
    assert _train(monkeypatch) == 0
    err = capsys.readouterr().err
    assert "train.csv: intent with one example, 1 times: line 82 (rare)" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("train", "intent", "--data", "no.csv", "--out", "m"), "no.csv: there is no such file."),
        (("train", "intent", "--data", "train.csv", "--out", "m"), "kefu models pull minilm"),
        (
            ("evaluate", "intent", "--model", "no", "--data", "train.csv", "--report", "r.json"),
            "no is not a usable intent model: there is no such directory.",
        ),
        (
            ("evaluate", "intent", "--model", "tiny", "--data", "train.csv", "--report", "r.json"),
            "tiny is not a usable intent model: it has no manifest.json.",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_1(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    assert kefu(monkeypatch, *arguments) == 1
    err = capsys.readouterr().err
    assert sentence in err
    assert "Traceback" not in err


def test_a_missing_option_is_wrong_usage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kefu(monkeypatch, "train", "intent", "--data", "train.csv") == 2
