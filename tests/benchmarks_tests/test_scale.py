from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.segmentation import terms
from tests.benchmarks.scale import Row, exact_nearest, missed
from tests.benchmarks.scale_data import DIMENSION, Knowledge


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge(600)


def test_the_same_number_draws_the_same_knowledge(knowledge: Knowledge) -> None:
    again = Knowledge(600)
    assert list(knowledge.passages()) == list(again.passages())
    one, two = (np.concatenate(list(each.vectors())) for each in (knowledge, again))
    np.testing.assert_array_equal(one, two)


def test_vectors_are_of_length_one_and_lie_in_clusters(knowledge: Knowledge) -> None:
    vectors = np.concatenate(list(knowledge.vectors()))
    assert vectors.shape == (600, DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosines = np.sort(vectors @ vectors.T, axis=1)
    assert np.median(cosines[:, -2]) > 0.6
    assert np.median(cosines) < 0.2


def test_passages_are_in_both_languages_and_have_words_to_search_by(knowledge: Knowledge) -> None:
    passages = list(knowledge.passages())
    assert {passage.language for passage in passages} == {"en", "zh"}
    assert all(len(terms(passage.text)) >= 5 for passage in passages)
    assert len({passage.text for passage in passages}) == 600


def test_queries_share_words_with_a_passage_and_hint_at_its_topic(knowledge: Knowledge) -> None:
    passages = list(knowledge.passages())
    texts = [set(terms(passage.text)) for passage in passages]
    tags = {tag for passage in passages for tag in passage.tags}
    for query in knowledge.queries(50, passages):
        assert max(len(text & set(terms(query.text))) for text in texts) >= 1 or not query.text
        assert tags & set(query.hints)


def test_the_nearest_are_those_of_comparing_all(knowledge: Knowledge) -> None:
    vectors = np.concatenate(list(knowledge.vectors()))
    found = exact_nearest(vectors, vectors[:20], step=70)
    right = np.argsort(-(vectors[:20] @ vectors.T), axis=1)[:, :10]
    assert [set(row) for row in found.tolist()] == [set(row) for row in right.tolist()]


def _row(passages: int, *, recall: float = 1.0, dense: float = 1.0, whole: float = 2.0) -> Row:
    timed = {"dense": {"p95": dense}, "whole": {"p95": whole}}
    return {"passages": passages, "recall_at_10": recall, "ms": timed}


def test_within_all_bounds_nothing_is_missed() -> None:
    assert missed([_row(1000), _row(10_000, recall=0.98, dense=10.0, whole=6.0)]) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (_row(10_000, recall=0.97), "recall@10 0.9700 at 10,000 passages"),
        (_row(10_000, dense=11), "dense p95 11.0 ms"),
        (_row(10_000, whole=7), "grows 3.5-fold"),
    ],
)
def test_a_bound_that_is_missed_is_said(row: Row, said: str) -> None:
    (sentence,) = missed([_row(1000), row])
    assert said in sentence
