"""What can be checked of searching on a GPU without one; `make bench-gpu` checks the rest."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge_base.cells import CellIndex
from knowledge_base.gpu import (
    CAGRA_MOST,
    EXACT_UP_TO,
    GPU_MOST,
    NEAR,
    FaissCards,
    GpuSearcher,
    Way,
    has_cagra,
    ways,
)
from tests.knowledge_base.gpu_stand_in import StandInCards

COUNT, DIMENSION = 4000, 16


def _vectors(count: int, seed: int) -> NDArray[np.float32]:
    """Around centres that are the same for every seed."""
    centres = np.random.default_rng(0).normal(size=(100, DIMENSION))
    draw = np.random.default_rng(seed)
    drawn = centres[draw.integers(0, 100, count)] + 0.5 * draw.normal(size=(count, DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


VECTORS, QUERIES = _vectors(COUNT, 1), _vectors(20, 2)
CELLS = CellIndex.build(VECTORS)


def _searcher(way: Way, cards: Any = None) -> GpuSearcher:
    return GpuSearcher(
        way, CELLS, flat=CELLS.flat, cells=CELLS.cells, cards=cards or StandInCards()
    )


def _exact(reach: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    scores, numbers = CELLS.flat().search(QUERIES, reach)
    return scores, numbers


@pytest.mark.parametrize(
    ("count", "cards", "cells", "cagra", "expected"),
    [
        (1000, 1, False, True, [Way.EXACT]),
        (EXACT_UP_TO, 1, False, False, [Way.EXACT]),
        (EXACT_UP_TO, 4, True, True, [Way.EXACT, Way.SHARDED, Way.CELLS]),
        (EXACT_UP_TO + 1, 1, False, False, [Way.EXACT]),
        (EXACT_UP_TO + 1, 1, True, False, [Way.CELLS, Way.EXACT]),
        (EXACT_UP_TO + 1, 2, True, True, [Way.CAGRA, Way.CELLS, Way.EXACT, Way.SHARDED]),
    ],
)
def test_the_way_goes_by_the_number_of_vectors_and_what_there_is(
    count: int, cards: int, cells: bool, cagra: bool, expected: list[Way]
) -> None:
    assert list(ways(count, cards=cards, cells=cells, cagra=cagra)) == expected


@settings(deadline=None)
@given(
    count=st.integers(1, 10**9), cards=st.integers(1, 16), cells=st.booleans(), cagra=st.booleans()
)
def test_no_way_is_tried_twice_or_without_what_it_needs(
    count: int, cards: int, cells: bool, cagra: bool
) -> None:
    found = ways(count, cards=cards, cells=cells, cagra=cagra)
    assert len(found) == len(set(found))
    assert Way.EXACT in found
    assert (Way.SHARDED in found) == (cards > 1)
    assert (Way.CELLS in found) == cells
    assert cagra or Way.CAGRA not in found


@pytest.mark.parametrize("way", [way for way in Way if way not in NEAR])
def test_a_way_that_compares_all_finds_the_same(way: Way) -> None:
    scores, numbers = _searcher(way).search(QUERIES, 30)
    right_scores, right = _exact(30)
    np.testing.assert_array_equal(numbers, right)
    np.testing.assert_allclose(scores, right_scores, atol=1e-5)


@pytest.mark.parametrize("way", sorted(NEAR))
def test_a_near_way_finds_most_and_scores_by_the_vectors_as_they_are(way: Way) -> None:
    scores, numbers = _searcher(way).search(QUERIES, 10)
    _, right = _exact(10)
    shared = [len(set(a) & set(b)) for a, b in zip(numbers.tolist(), right.tolist(), strict=True)]
    assert np.mean(shared) >= 9.8
    for query, row, found in zip(QUERIES, scores, numbers, strict=True):
        np.testing.assert_allclose(row, VECTORS[found] @ query, atol=1e-5)
        assert (np.diff(row) <= 0).all()


@pytest.mark.parametrize("way", list(Way))
def test_main_memory_answers_what_is_too_long_for_a_card(way: Way) -> None:
    reach = (CAGRA_MOST if way is Way.CAGRA else GPU_MOST) + 1
    _, numbers = _searcher(way).search(QUERIES[:2], reach)
    np.testing.assert_array_equal(numbers, CELLS.search(QUERIES[:2], reach)[1])


def test_cagra_is_given_the_vectors_and_asked_with_a_list_long_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = _as_faiss_names_it(monkeypatch)
    assert has_cagra()
    _, numbers = _searcher(Way.CAGRA, FaissCards()).search(QUERIES, 10)
    np.testing.assert_array_equal(numbers, _exact(10)[1])
    assert graph["trained"] == COUNT
    assert graph["itopk"] == CAGRA_MOST >= graph["reach"]


def test_a_build_without_cuvs_has_no_cagra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(faiss, "GpuIndexCagra", raising=False)
    assert not has_cagra()


def _as_faiss_names_it(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The classes of a build with cuVS, over an exact index; what they were told."""
    told: dict[str, int] = {}

    class Cagra:
        def __init__(self, _resources: object, d: int, metric: int, settings: Plain) -> None:
            assert settings.intermediate_graph_degree >= settings.graph_degree
            self._index = faiss.IndexFlat(d, metric)

        def train(self, vectors: NDArray[np.float32]) -> None:
            told["trained"] = len(vectors)
            self._index.add(vectors)

        def search(self, queries: NDArray[np.float32], reach: int, *, params: Plain) -> object:
            told.update(itopk=params.itopk_size, reach=reach)
            return self._index.search(queries, reach)

    for name, value in (
        ("GpuIndexCagra", Cagra),
        ("GpuIndexCagraConfig", Plain),
        ("SearchParametersCagra", Plain),
        ("StandardGpuResources", Resources),
    ):
        monkeypatch.setattr(faiss, name, value, raising=False)
    return told


class Plain:
    graph_degree = 0
    intermediate_graph_degree = 0
    itopk_size = 0


class Resources:
    def setTempMemory(self, size: int) -> None:
        assert size > 0
