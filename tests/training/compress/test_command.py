"""`kefu compress intent` as an operator types it."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from tests.training.test_commands import kefu
from training.compress.bench import TRAINING, WEIGHING
from training.compress.command import compression_wording
from training.compress.measuring import STAGE

ENGLISH, CHINESE = compression_wording("en"), compression_wording("zh")
COMPRESS = ("compress", "intent", "--model", "model", "--data", "validation.csv")


@pytest.fixture(autouse=True)
def _in_folder(source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(source.parent)


def test_8_bits_are_measured_and_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = tmp_path / "new" / "report.json"
    assert kefu(monkeypatch, *COMPRESS, "--report", report) == 0
    err = capsys.readouterr().err
    assert "ONNX, 8 bits" in err
    assert "points lost" in err
    document = json.loads(report.read_text())
    assert document["n"] == 29
    assert [row["runtime"] for row in document["rows"]] == ["torch", "int8"]


def test_several_ways_are_shown_in_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    options = ("--method", "int8,prune", "--method", "qat", "--width", "0.5", "--language", "zh")
    folders = ("--train", "train.csv", "--out", tmp_path)
    assert kefu(monkeypatch, *COMPRESS, *options, *folders) == 0
    err = capsys.readouterr().err
    assert "损失（百分点）" in err
    assert "训练: qat" in err
    assert f"压缩后的模型在 {tmp_path / 'prune-0.5'}" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prune-0.5", "qat"]


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("--method", "qat"), 1, "The model cannot be compressed: qat trains, and no --train"),
        (("--method", "svd"), 2, "none of int8, qat, prune"),
        (("--method", "prune", "--width", "2"), 1, "the width 2 is not between 0.5 and 1"),
        (("--model", "tiny"), 1, "tiny is not a usable intent model: it has no manifest.json"),
        (("--data", "no.csv"), 1, "no.csv: there is no such file"),
    ],
)
def test_bad_input_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    assert kefu(monkeypatch, *COMPRESS, *options) == code
    err = " ".join(capsys.readouterr().err.split())
    assert sentence in err
    assert "Traceback" not in err


def test_both_languages_have_the_same_sentences_with_the_same_placeholders() -> None:
    assert ENGLISH.tables.keys() == CHINESE.tables.keys()
    for table, sentences in ENGLISH.tables.items():
        assert sentences.keys() == CHINESE.tables[table].keys()
        for key, text in sentences.items():
            names = [
                {name for _, name, _, _ in string.Formatter().parse(said) if name}
                for said in (text, CHINESE.tables[table][key])
            ]
            assert names[0] == names[1], (table, key)


def test_every_stage_has_a_name_in_both_languages() -> None:
    assert ENGLISH.tables["stages"].keys() == {STAGE, TRAINING, WEIGHING}
