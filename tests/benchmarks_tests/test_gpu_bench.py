from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import faiss
import pytest

from knowledge_base.embedding import Vectors
from knowledge_base.gpu import Found, Way
from tests.benchmarks import gpu
from tests.benchmarks.gpu import MAIN_MEMORY, Row, main, missed
from tests.knowledge_base.gpu_stand_in import StandInCards

GOOD = Row(
    vectors=1000,
    dimension=384,
    way=Way.EXACT,
    placing_seconds=0.1,
    p50_ms=0.2,
    queries_a_second=1e4,
    recall_at_10=1.0,
    differing=0,
    largest_gap=1e-6,
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "gpu.json"


def _run(out: Path) -> tuple[int, Any]:
    code = main(["--cpu", "--sizes", "600", "2500", "--out", str(out)])
    return code, json.loads(out.read_text("utf-8"))


def test_every_way_is_compared_at_every_size_and_written_as_json(out: Path) -> None:
    code, report = _run(out)
    assert code == 0
    assert set(report) == {"device", "bounds", "runs", "skipped", "missed"}
    assert report["device"]["stand_in"] is True
    assert report["missed"] == report["skipped"] == []
    compared = [(run["vectors"], run["way"]) for run in report["runs"]]
    assert compared == [(size, way) for size in (600, 2500) for way in (MAIN_MEMORY, *Way)]
    assert all(set(run) == set(Row.__annotations__) for run in report["runs"])
    assert all(run["queries_a_second"] > 0 and run["p50_ms"] > 0 for run in report["runs"])


def test_a_card_that_finds_something_else_fails_the_run(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong:
        def __init__(self, index: Any) -> None:
            self._index = index

        def search(self, queries: Vectors, reach: int) -> Found:
            scores, numbers = self._index.search(queries, reach)
            return scores, (numbers + 1) % 600

    class Broken(StandInCards):
        def exact(self, flat: faiss.Index) -> Any:
            return Wrong(flat)

    monkeypatch.setattr(gpu, "StandInCards", Broken)
    code, report = _run(out)
    assert code == 1
    assert any("exact at 600 vectors differs" in sentence for sentence in report["missed"])


def test_a_way_without_room_is_left_out_and_said(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(StandInCards):
        def cagra(self, flat: faiss.Index) -> Any:
            raise RuntimeError("Error in CuvsCagra.cu:7\nout of memory")

    monkeypatch.setattr(gpu, "StandInCards", Full)
    code, report = _run(out)
    assert code == 0
    assert report["skipped"][0] == {"vectors": 600, "way": "cagra", "why": "out of memory"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"differing": 1}, "differs from main memory in 1 places"),
        ({"way": Way.SHARDED, "differing": 3}, "sharded at 1,000 vectors differs"),
        ({"way": Way.CAGRA, "recall_at_10": 0.97}, "recall@10 0.9700, not 0.98"),
        ({"way": Way.CELLS, "largest_gap": 0.01}, "a cosine wrong by 1.0e-02"),
    ],
)
def test_a_figure_out_of_its_bounds_is_said(row: dict[str, Any], said: str) -> None:
    changed: Any = {**GOOD, **row}
    assert [sentence for sentence in missed([changed]) if said in sentence]


def test_a_near_way_may_differ_within_its_recall() -> None:
    near: Any = {**GOOD, "way": Way.CAGRA, "recall_at_10": 0.99, "differing": 12}
    assert missed([GOOD, near]) == []


def test_a_run_that_compared_nothing_is_no_success() -> None:
    alone: Any = {**GOOD, "way": MAIN_MEMORY}
    assert missed([alone]) == ["no way could be compared"]


def test_without_a_gpu_it_says_so_and_writes_nothing(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "gpus", lambda: 0)
    assert main(["--out", str(out)]) == 0
    assert "kefu[gpu]" in capsys.readouterr().out
    assert not out.exists()
