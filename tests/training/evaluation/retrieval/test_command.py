"""`kefu evaluate retrieval` and `kefu evaluate runs` as an operator types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from knowledge_base.fakes import HashingEmbedder
from tests.training.evaluation.retrieval.test_measurement import KNOWLEDGE, QUERIES
from tests.training.test_commands import kefu
from training.evaluation.retrieval import measurement

EVALUATE = ("evaluate", "retrieval", "--kb", "kb.csv", "--queries", "q.csv")


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(measurement, "load_embedder", lambda _settings: HashingEmbedder())
    Path("kb.csv").write_text(KNOWLEDGE, encoding="utf-8")
    Path("q.csv").write_text(QUERIES, encoding="utf-8")


def test_it_prints_figures_writes_a_report_and_keeps_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kefu(monkeypatch, *EVALUATE, "--report", "new/r.json") == 0
    report = json.loads(Path("new/r.json").read_text(encoding="utf-8"))
    err = capsys.readouterr().err
    assert "q.csv asked of kb.csv (4 queries)" in err
    assert f"Kept as run {report['run']}." in err
    assert kefu(monkeypatch, "evaluate", "runs") == 0
    assert report["run"] in capsys.readouterr().out


def test_it_speaks_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--channel", "all", "--channel", "lexical", "--language", "zh")
    assert kefu(monkeypatch, *EVALUATE, *options) == 0
    err = capsys.readouterr().err
    assert "正确文章居首" in err
    assert "仅词语" in err
    assert kefu(monkeypatch, "evaluate", "runs", "--language", "zh") == 0
    assert "已保存的检索评测" in capsys.readouterr().out


def test_queries_that_went_wrong_are_a_table_of_their_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("q.csv").write_text(
        "query,expected_id\n=which bulbs fit,delivery|refund\nWhich bulbs fit?,bulbs\n"
    )
    assert kefu(monkeypatch, *EVALUATE, "--errors", "e.csv") == 0
    assert "1 queries that went wrong are in e.csv" in capsys.readouterr().err
    with Path("e.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    # No spreadsheet may take a customer's words for a formula.
    assert row["query"] == "'=which bulbs fit"
    assert (row["expected"], row["first"], row["line"]) == ("delivery|refund", "bulbs", "2")


def test_the_last_run_is_compared_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kefu(monkeypatch, *EVALUATE) == 0
    assert kefu(monkeypatch, *EVALUATE, "--against", "last") == 0
    err = capsys.readouterr().err
    assert "0 queries won, 0 lost (exact McNemar test, p = 1.000). No query differs there." in err


def test_without_a_run_the_list_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kefu(monkeypatch, "evaluate", "runs") == 0
    assert "No measurement was kept yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((*EVALUATE, "--collection", "shop"), 2, "Give --kb or --collection, not both."),
        (("evaluate", "retrieval", "--kb", "kb.csv"), 2, "Missing option '--queries'"),
        ((*EVALUATE, "--channel", "smell"), 2, "'smell' is not one of"),
        ((*EVALUATE, "--against", "last"), 1, "No kept run has asked these queries"),
        ((*EVALUATE, "--against", "x"), 1, "There is no run 'x'"),
        (("evaluate", "retrieval", "--queries", "q.csv"), 1, "there is no collection 'demo'"),
        ((*EVALUATE[:3], "no.csv", *EVALUATE[4:]), 1, "cannot read no.csv"),
        ((*EVALUATE[:5], "no.csv"), 1, "no.csv: there is no such file."),
        ((*EVALUATE[:5], "kb.csv"), 1, "the header lacks query and expected_id"),
        ((*EVALUATE[:5], "kb.csv", "--kb", "q.csv"), 1, "the header lacks id, question, answer"),
        ((*EVALUATE[:5], "."), 1, "name the CSV file with the questions itself"),
        ((*EVALUATE[:5], "empty.csv"), 1, "empty.csv: the file is empty."),
        ((*EVALUATE[:5], "binary.csv"), 1, "binary.csv, line 1: it is not UTF-8"),
    ],
)
def test_bad_input_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    Path("empty.csv").write_bytes(b"")
    Path("binary.csv").write_bytes(b"\xff\xfe\x00\x80")
    assert kefu(monkeypatch, *arguments) == code
    err = " ".join(capsys.readouterr().err.split())
    assert sentence in err
    assert "Traceback" not in err
