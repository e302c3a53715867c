from __future__ import annotations

from pathlib import Path

from chatbot.retrieval_runs import RUNS, read_retrieval_runs
from training.evaluation.retrieval import runs
from training.evaluation.retrieval.runs import Ranking, Run, keep


def kept(home: Path, name: str, **channels: float) -> None:
    rankings = {one: Ranking({"mrr": mrr}, (1,)) for one, mrr in channels.items()}
    keep(home, Run(name, "q.csv", "0" * 64, "demo", {}, "e5", True, rankings))


def test_what_training_keeps_is_read_newest_first(tmp_path: Path) -> None:
    assert RUNS == runs.RUNS
    kept(tmp_path, "20260101T000000Z-aaaa", lexical=0.4, all=0.5)
    kept(tmp_path, "20260102T000000Z-bbbb", dense=0.6)
    found = read_retrieval_runs(tmp_path)
    assert [(run.name[:8], run.figures["mrr"]) for run in found] == [
        ("20260102", 0.6),
        ("20260101", 0.5),
    ]
    assert found[0].knowledge == "demo"
    assert len(read_retrieval_runs(tmp_path, limit=1)) == 1


def test_a_file_that_is_no_run_hides_no_other(tmp_path: Path) -> None:
    kept(tmp_path, "20260101T000000Z-aaaa", all=0.5)
    for number, text in enumerate(("", "[]", "{}", '{"channels": {}}', "\x00")):
        (tmp_path / RUNS / f"20260102T00000{number}Z-aaaa.json").write_text(text)
    assert len(read_retrieval_runs(tmp_path)) == 1


def test_before_the_first_measurement_there_is_none(tmp_path: Path) -> None:
    assert read_retrieval_runs(tmp_path) == []
