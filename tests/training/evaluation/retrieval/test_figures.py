from __future__ import annotations

import json
from math import log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluation.retrieval.asking import DEPTH, Answer
from training.evaluation.retrieval.figures import (
    CUTS,
    RANKED,
    by_group,
    failures,
    measure,
    reciprocal,
)
from training.evaluation.retrieval.queries import Query

Pair = tuple[Query, Answer]

IDS = [f"d{number}" for number in range(12)]


def pair(expected: str, found: str, *, score: float = 0.5, milliseconds: float = 1.0) -> Pair:
    """Ids with spaces between them."""
    query = Query("?", tuple(expected.split()), "en")
    return query, Answer(tuple(found.split()), score, milliseconds)


queries = st.lists(st.sampled_from(IDS), max_size=3, unique=True).map(tuple)
answers = st.builds(
    Answer,
    st.lists(st.sampled_from(IDS), max_size=DEPTH, unique=True).map(tuple),
    st.floats(0.0, 1.0),
    st.floats(0.0, 100.0),
)
asked = st.lists(
    st.tuples(st.builds(Query, st.just("?"), queries, st.just("en")), answers), max_size=12
)

# On a busy machine the clock says nothing about the code.
unhurried = settings(deadline=None)


def test_figures_are_those_worked_out_by_hand() -> None:
    figures = measure(
        [
            pair("a", "a b c", score=0.95),
            pair("a", "b c d a", score=0.4),
            pair("a", "b c d", score=0.91),
            pair("a c", "b c a", score=0.2),
        ],
        threshold=0.9,
    )
    assert figures["n"] == figures["n_answerable"] == 4
    assert figures["n_unanswerable"] == 0
    assert [figures[f"recall_at_{cut}"] for cut in CUTS] == [0.25, 0.5, 0.75, 0.75]
    assert figures["mrr"] == pytest.approx((1 + 1 / 4 + 0 + 1 / 2) / 4)
    both = (1 / log2(3) + 1 / log2(4)) / (1 / log2(2) + 1 / log2(3))
    assert figures["ndcg_at_10"] == pytest.approx((1 + 1 / log2(5) + 0 + both) / 4)
    assert figures["answerable_pass_rate"] == 0.5
    assert figures["unanswerable_pass_rate"] is None
    assert figures["auroc"] is None


def test_what_nothing_answers_is_judged_by_what_passes() -> None:
    figures = measure(
        [
            pair("a", "a", score=0.95),
            pair("a", "a", score=0.5),
            pair("", "a", score=0.9),
            pair("", "a", score=0.1),
            pair("", "", score=0.0),
        ],
        threshold=0.9,
    )
    assert (figures["n_answerable"], figures["n_unanswerable"]) == (2, 3)
    assert figures["recall_at_1"] == 1.0
    assert figures["answerable_pass_rate"] == 0.5
    assert figures["unanswerable_pass_rate"] == pytest.approx(1 / 3)
    # Of the six pairs only the surer answerable one and the passing one are the wrong way round.
    assert figures["auroc"] == pytest.approx(5 / 6)


def test_a_probability_that_keeps_its_promise_has_no_calibration_error() -> None:
    sure = [pair("a", "a", score=1.0)] * 3
    half = [pair("a", "a", score=0.5), pair("", "a", score=0.5)]
    assert measure(sure + half, threshold=0.9)["ece"] == pytest.approx(0.0)
    assert measure([pair("", "a", score=0.8)], threshold=0.9)["ece"] == pytest.approx(0.8)


def test_scores_that_are_no_probabilities_pass_no_threshold() -> None:
    figures = measure([pair("a", "a"), pair("", "a")], threshold=None)
    for name in ("threshold", "answerable_pass_rate", "unanswerable_pass_rate", "ece"):
        assert figures[name] is None
    assert figures["auroc"] == 0.5


def test_without_an_answerable_query_recall_is_not_defined() -> None:
    figures = measure([pair("", "a")], threshold=0.9)
    assert all(figures[name] is None for name in RANKED)
    assert figures["intervals"] == {}


def test_latencies_are_quantiles_over_all_queries() -> None:
    rows = [pair("a", "a", milliseconds=float(number)) for number in range(1, 102)]
    figures = measure(rows, threshold=None)
    assert (figures["latency_ms_p50"], figures["latency_ms_p95"]) == (51.0, 96.0)


@unhurried
@given(asked)
def test_recall_never_falls_with_the_cut(rows: list[Pair]) -> None:
    figures = measure(rows, threshold=0.5, rounds=50)
    recalls = [figures[f"recall_at_{cut}"] for cut in CUTS]
    if figures["n_answerable"]:
        assert recalls == sorted(recalls)


@unhurried
@given(asked)
def test_mrr_lies_between_recall_at_one_and_recall_at_ten(rows: list[Pair]) -> None:
    figures = measure(rows, threshold=0.5, rounds=50)
    if figures["n_answerable"]:
        tiny = 1e-9
        assert figures["recall_at_1"] <= figures["mrr"] + tiny
        assert figures["mrr"] <= figures["recall_at_10"] + tiny
        assert 0.0 <= figures["ndcg_at_10"] <= 1.0 + tiny


@unhurried
@given(asked, st.randoms())
def test_the_order_of_the_queries_changes_no_figure(rows: list[Pair], luck: Random) -> None:
    shuffled = sorted(rows, key=lambda _row: luck.random())
    figures, others = (
        measure(rows, threshold=0.5, rounds=50),
        measure(shuffled, threshold=0.5, rounds=50),
    )
    for name in figures.keys() - {"intervals"}:
        assert figures[name] == pytest.approx(others[name]), name


@unhurried
@given(asked)
def test_an_interval_holds_its_figure(rows: list[Pair]) -> None:
    figures = measure(rows, threshold=0.5, rounds=50)
    for name, (low, high) in figures["intervals"].items():
        assert 0.0 <= low <= figures[name] + 1e-9
        assert figures[name] - 1e-9 <= high <= 1.0 + 1e-9


@unhurried
@given(asked)
def test_figures_are_plain_json(rows: list[Pair]) -> None:
    figures = measure(rows, threshold=0.5, rounds=50)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


@unhurried
@given(asked)
def test_a_failure_is_what_is_not_first_or_passes_with_nothing_to_find(rows: list[Pair]) -> None:
    figures, wrong = measure(rows, threshold=0.5, rounds=50), failures(rows, threshold=0.5)
    missed = sum(bool(row["expected"]) for row in wrong)
    passed = len(wrong) - missed
    answerable, others = figures["n_answerable"], figures["n_unanswerable"]
    assert missed == round(answerable * (1 - (figures["recall_at_1"] or 0.0)))
    assert passed == round(others * (figures["unanswerable_pass_rate"] or 0.0))
    assert [row["score"] for row in wrong] == sorted((row["score"] for row in wrong), reverse=True)


def test_a_failure_says_what_came_instead() -> None:
    (failure,) = failures([pair("a", "b a", score=0.87654)], threshold=0.9)
    assert failure["expected"] == ["a"]
    assert (failure["first"], failure["rank"], failure["score"]) == ("b", 2, 0.8765)


def test_groups_are_measured_apart_and_the_nameless_left_out() -> None:
    rows = [pair("a", "a"), pair("a", "b"), pair("a", "a")]
    groups = by_group(rows, ["zh", "en", ""], threshold=0.9)
    assert list(groups) == ["en", "zh"]
    assert groups["zh"]["recall_at_1"] == 1.0
    assert groups["en"]["recall_at_1"] == 0.0


def test_a_reciprocal_rank_is_nothing_where_nothing_was_found() -> None:
    assert [reciprocal(rank) for rank in (1, 2, 4, None)] == [1.0, 0.5, 0.25, 0.0]
