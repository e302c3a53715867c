"""`kefu compress intent` as an operator types it."""

from __future__ import annotations

import io
import json
import string
from pathlib import Path

import pytest
from rich.console import Console

from tests.training.test_commands import kefu
from training.audits.wording import Wording
from training.compress.bench import TRAINING, WEIGHING
from training.compress.command import compression_table, compression_wording
from training.compress.compression import Compression
from training.compress.measuring import STAGE, Figures

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
    assert "McNemar" in err
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
    assert "McNemar" in err
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


@pytest.mark.parametrize("wording", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_terminal_of_80_columns_shows_every_figure_whole(wording: Wording) -> None:
    figures = Figures(
        method="prune-0.75",
        runtime="int8",
        version="v",
        accuracy=0.91604,
        in_scope_accuracy=0.92,
        loss=0.1234,
        in_scope_loss=0.1,
        equal_decisions=1.0,
        won=5,
        lost=11,
        mcnemar_p=0.0004,
        megabytes=1234.5,
        megabytes_saved=2345.6,
        ms_p50=110.25,
        speed_up=15.42,
        sentences_per_s=1580.4,
    )
    found = Compression(version="v", n=357, figures=(figures,), written=(), findings=())
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(compression_table(found, "validation.csv", wording))
    shown = console.export_text()
    assert "…" not in shown
    for whole in ("prune-0.75", "0.9160", "+12.34", "100.0%", "1,234.5", "2,345.6", "110.25"):
        assert whole in shown
    for whole in (wording.label("runtimes", "int8"), "15.42", "1,580"):
        assert whole in shown
