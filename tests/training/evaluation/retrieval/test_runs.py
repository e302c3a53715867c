from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.errors import RunUnusable
from training.evaluation.retrieval.queries import Query
from training.evaluation.retrieval.runs import (
    RUNS,
    Ranking,
    Run,
    compare_runs,
    find_run,
    keep,
    kept_runs,
    main_channel,
    new_name,
)

Rank = int | None
ranks = st.lists(st.one_of(st.none(), st.integers(1, 10)), max_size=20)


def _run(*places: Rank, name: str = "20260101T000000Z-0000", channel: str = "all") -> Run:
    return Run(
        name=name,
        queries="q.csv",
        queries_sha256="abc",
        knowledge="kb.csv",
        versions={"kb.csv": "v1"},
        encoder="hashing 1",
        masked=False,
        channels={channel: Ranking({"n": len(places)}, places)},
    )


def _queries(count: int) -> list[Query]:
    return [Query(f"q{number}", ("a",), "en", line=number) for number in range(count)]


def test_a_kept_run_comes_back_as_it_was(tmp_path: Path) -> None:
    run = _run(1, None, 3)
    keep(tmp_path, run)
    assert kept_runs(tmp_path) == [run]


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    for day in ("02", "03", "01"):
        keep(tmp_path, _run(1, name=f"202601{day}T000000Z-0000"))
    assert [run.name[6:8] for run in kept_runs(tmp_path)] == ["03", "02", "01"]


def test_no_query_is_kept(tmp_path: Path) -> None:
    kept = json.loads(keep(tmp_path, _run(1)).read_text(encoding="utf-8"))
    assert kept["channels"]["all"].keys() == {"figures", "ranks"}
    assert set(kept) == {
        *("name", "queries", "queries_sha256", "knowledge", "versions", "encoder", "masked"),
        "channels",
    }


def test_the_last_run_is_the_newest_that_asked_the_same_queries(tmp_path: Path) -> None:
    keep(tmp_path, _run(1, name="20260101T000000Z-0000"))
    keep(tmp_path, _run(2, name="20260102T000000Z-0000"))
    other = replace(_run(3, name="20260103T000000Z-0000"), queries_sha256="other")
    keep(tmp_path, other)
    keep(tmp_path, _run(4, name="20260104T000000Z-0000", channel="dense"))
    found = find_run(tmp_path, "last", queries_sha256="abc", channel="all")
    assert found.name == "20260102T000000Z-0000"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("20260101T000000Z-ffff", "There is no run"),
        ("../../secrets", "There is no run"),
        ("20260101T000000Z-0001", "asked other queries"),
        ("20260101T000000Z-0002", "was not ranked by the channel all: name one of dense"),
        ("20260101T000000Z-0003", "is no kept run any more: remove the file"),
    ],
)
def test_a_run_that_cannot_be_compared_with_is_one_sentence(
    tmp_path: Path, name: str, sentence: str
) -> None:
    keep(tmp_path, replace(_run(1, name="20260101T000000Z-0001"), queries_sha256="other"))
    keep(tmp_path, _run(1, name="20260101T000000Z-0002", channel="dense"))
    (tmp_path / RUNS / "20260101T000000Z-0003.json").write_text('{"name": 3}')
    with pytest.raises(RunUnusable, match=sentence):
        find_run(tmp_path, name, queries_sha256="abc", channel="all")


def test_without_an_earlier_run_there_is_no_last_one(tmp_path: Path) -> None:
    with pytest.raises(RunUnusable, match="leave --against out this time"):
        find_run(tmp_path, "last", queries_sha256="abc", channel="all")


@settings(deadline=None)
@given(ranks)
def test_a_run_compared_with_itself_shows_no_difference(places: list[Rank]) -> None:
    run = _run(*places)
    comparison = compare_runs(_queries(len(places)), run, run, "all")
    assert comparison.first.won == comparison.first.lost == 0
    assert comparison.first.p_value == comparison.mrr_p == 1.0
    assert comparison.first.difference == comparison.mrr_difference == 0.0
    assert not comparison.won
    assert not comparison.lost


def test_queries_won_and_lost_are_named() -> None:
    queries = _queries(4)
    comparison = compare_runs(queries, _run(1, 2, 1, None), _run(2, 1, 1, None), "all")
    assert comparison.won == (queries[0],)
    assert comparison.lost == (queries[1],)
    assert comparison.first.difference == 0.0


def test_what_nothing_answers_is_not_compared() -> None:
    queries = [Query("q", (), "en"), Query("q", ("a",), "en")]
    comparison = compare_runs(queries, _run(None, 1), _run(None, 2), "all")
    assert comparison.first.n == 1
    assert comparison.mrr_difference == 0.5


def test_a_clear_difference_is_significant_by_both_tests() -> None:
    comparison = compare_runs(_queries(20), _run(*[1] * 20), _run(*[2] * 20), "all")
    # Twenty queries won and none lost: 2 * 0.5 ** 20.
    assert comparison.first.p_value == pytest.approx(2 * 0.5**20)
    assert comparison.mrr_p < 0.01
    assert (comparison.mrr_interval.low, comparison.mrr_interval.high) == (0.5, 0.5)


@settings(deadline=None)
@given(ranks.filter(bool), st.randoms())
def test_the_other_way_round_won_and_lost_change_places(places: list[Rank], luck: Random) -> None:
    before = sorted(places, key=lambda _place: luck.random())
    queries, one, other = _queries(len(places)), _run(*places), _run(*before)
    there, back = compare_runs(queries, one, other, "all"), compare_runs(queries, other, one, "all")
    assert (there.won, there.lost) == (back.lost, back.won)
    assert there.mrr_difference == pytest.approx(-back.mrr_difference)
    assert there.first.p_value == back.first.p_value


def test_two_runs_of_the_same_second_have_two_names() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({new_name(now) for _ in range(20)}) > 1


def test_all_channels_together_stand_for_the_run() -> None:
    assert main_channel(("dense", "all")) == "all"
    assert main_channel(("lexical", "dense")) == "lexical"
