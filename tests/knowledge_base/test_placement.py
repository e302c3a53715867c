from __future__ import annotations

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.dense import DenseIndex
from knowledge_base.errors import GpuUnusable
from knowledge_base.gpu import GPU_MOST, gpus
from knowledge_base.placement import Placement

COUNT, DIMENSION = 3000, 16


def _vectors(count: int, seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


VECTORS = _vectors(COUNT, 1)
ROWS = np.arange(COUNT, dtype=np.int32)
QUERIES = _vectors(20, 2)


def _flat() -> faiss.Index:
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(VECTORS)
    return index


def _graph() -> faiss.Index:
    index = faiss.IndexHNSWFlat(DIMENSION, 8, faiss.METRIC_INNER_PRODUCT)
    index.add(VECTORS)
    return index


class Resources:
    scratch_bytes = 0

    def setTempMemory(self, size: int) -> None:
        self.scratch_bytes = size


class Options:
    shard = False


class Card:
    """A GPU as far as FAISS shows one: it searches exactly, and refuses long lists."""

    def __init__(self, index: faiss.Index) -> None:
        assert isinstance(index, faiss.IndexFlat)
        self.searched = 0
        self._index = index

    def search(self, queries: NDArray[np.float32], reach: int) -> object:
        assert reach <= GPU_MOST
        self.searched += 1
        return self._index.search(queries, reach)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> list[Card]:
    """The vectors that went to the card."""
    held: list[Card] = []

    def copy(resources: Resources, device: int, index: faiss.Index) -> Card:
        assert resources.scratch_bytes > 0
        assert device == 0
        held.append(Card(index))
        return held[-1]

    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1)
    monkeypatch.delattr(faiss, "GpuIndexCagra", raising=False)
    monkeypatch.setattr(faiss, "StandardGpuResources", Resources, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu", copy, raising=False)
    return held


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 0)


@pytest.mark.usefixtures("no_card")
def test_without_a_gpu_main_memory_is_searched() -> None:
    index = DenseIndex(_flat(), ROWS, placement=Placement.AUTO)
    assert index.nearest(VECTORS[7], 1) == [7]


@pytest.mark.usefixtures("no_card")
def test_a_demanded_gpu_that_is_missing_is_said() -> None:
    with pytest.raises(GpuUnusable, match=r"kefu\[gpu\]"):
        DenseIndex(_flat(), ROWS, placement=Placement.GPU)


def test_an_old_faiss_without_any_gpu_part_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(faiss, "get_num_gpus")
    assert gpus() == 0


def test_a_gpu_finds_what_main_memory_finds(card: list[Card]) -> None:
    here = DenseIndex(_flat(), ROWS)
    there = DenseIndex(_flat(), ROWS, placement=Placement.AUTO)
    for query in QUERIES:
        assert there.nearest(query, 10) == here.nearest(query, 10)
    assert card[0].searched == len(QUERIES)


def test_the_vectors_of_a_graph_are_searched_exactly_on_a_gpu(card: list[Card]) -> None:
    exact = DenseIndex(_flat(), ROWS)
    there = DenseIndex(_graph(), ROWS, placement=Placement.AUTO)
    assert [there.nearest(q, 10) for q in QUERIES] == [exact.nearest(q, 10) for q in QUERIES]
    assert card[0].searched == len(QUERIES)


def test_a_longer_list_than_a_gpu_returns_comes_from_main_memory(card: list[Card]) -> None:
    index = DenseIndex(_flat(), ROWS, placement=Placement.AUTO)
    assert len(index.nearest(QUERIES[0], GPU_MOST + 1)) == GPU_MOST + 1
    assert card[0].searched == 0


def test_cpu_leaves_a_gpu_alone(card: list[Card]) -> None:
    DenseIndex(_flat(), ROWS, placement=Placement.CPU).nearest(QUERIES[0], 3)
    assert card == []


def test_a_full_gpu_is_no_reason_to_stop_unless_it_was_demanded(
    card: list[Card], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Card:
        raise RuntimeError("Error in StandardGpuResources.cpp:42\nout of memory")

    monkeypatch.setattr(faiss, "index_cpu_to_gpu", full)
    index = DenseIndex(_flat(), ROWS, placement=Placement.AUTO)
    assert index.nearest(VECTORS[7], 1) == [7]
    with pytest.raises(GpuUnusable, match="out of memory"):
        DenseIndex(_flat(), ROWS, placement=Placement.GPU)


def test_the_next_way_is_tried_where_a_card_has_no_room(
    card: list[Card], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> Card:
        raise RuntimeError("Error in StandardGpuResources.cpp:42\nout of memory")

    parts: list[int] = []

    def shared(resources: list[Resources], index: faiss.Index, options: Options) -> Card:
        assert options.shard
        parts.append(len(resources))
        return Card(index)

    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 3)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu", full)
    monkeypatch.setattr(faiss, "GpuMultipleClonerOptions", Options, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu_multiple_py", shared)
    there = DenseIndex(_flat(), ROWS, placement=Placement.GPU)
    here = DenseIndex(_flat(), ROWS)
    assert [there.nearest(q, 10) for q in QUERIES] == [here.nearest(q, 10) for q in QUERIES]
    assert parts == [3]
    assert "out of memory" in caplog.text
    assert card == []
