"""Every kind of index, against exact search."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.cells import CellIndex
from knowledge_base.dense import DenseIndex
from knowledge_base.index_kind import IndexKind
from knowledge_base.placement import Placement

KINDS = list(IndexKind)
COUNT, DIMENSION, PASSAGES = 2000, 32, 1000


def _clustered(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    """The centres are the same for every seed."""
    centres = np.random.default_rng(0).normal(size=(100, dimension))
    draw = np.random.default_rng(seed)
    drawn = centres[draw.integers(0, 100, count)] + 0.7 * draw.normal(size=(count, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


VECTORS = _clustered(COUNT, DIMENSION, 1)
ROWS = np.repeat(np.arange(PASSAGES, dtype=np.int32), COUNT // PASSAGES)
QUERIES = _clustered(40, DIMENSION, 2)


def _recall(index: DenseIndex, exact: DenseIndex, queries: NDArray[np.float32]) -> float:
    shared = [len(set(index.nearest(q, 10)) & set(exact.nearest(q, 10))) for q in queries]
    return float(np.mean(shared)) / 10


@pytest.fixture(scope="module", params=KINDS)
def index(request: pytest.FixtureRequest) -> DenseIndex:
    return DenseIndex.build(VECTORS, ROWS, kind=request.param)


@pytest.fixture(scope="module")
def exact() -> DenseIndex:
    return DenseIndex.build(VECTORS, ROWS, kind=IndexKind.FLAT)


def test_every_kind_finds_nearly_what_exact_search_finds(
    index: DenseIndex, exact: DenseIndex
) -> None:
    assert _recall(index, exact, QUERIES) >= 0.98


def test_every_kind_gives_the_similarities_of_the_vectors_as_they_are(
    index: DenseIndex, exact: DenseIndex
) -> None:
    for query in QUERIES[:5]:
        mine = index.similarities(query, [3, 999, 0])
        right = exact.similarities(query, [3, 999, 0])
        np.testing.assert_array_equal(mine.text, right.text)
        np.testing.assert_array_equal(mine.nearest, right.nearest)
        np.testing.assert_array_equal(mine.average, right.average)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_loaded_index_of_every_kind_is_of_it_and_finds_the_same(
    index: DenseIndex, tmp_path: Path, mapped: bool
) -> None:
    index.save(tmp_path / "v", tmp_path / "r.npy")
    loaded = DenseIndex.load(tmp_path / "v", tmp_path / "r.npy", mapped=mapped)
    assert loaded.kind is index.kind
    for query in QUERIES:
        assert loaded.nearest(query, 10) == index.nearest(query, 10)
        np.testing.assert_array_equal(
            loaded.similarities(query, [1, 7]).text, index.similarities(query, [1, 7]).text
        )


def test_a_mapped_index_outlives_the_names_of_its_files(index: DenseIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "v", tmp_path / "r.npy")
    loaded = DenseIndex.load(tmp_path / "v", tmp_path / "r.npy", mapped=True)
    for file in tmp_path.iterdir():
        file.unlink()
    assert loaded.nearest(QUERIES[0], 10) == index.nearest(QUERIES[0], 10)


def test_the_rule_chooses_where_nothing_is_asked() -> None:
    assert DenseIndex.build(VECTORS, ROWS).kind is IndexKind.FLAT


@pytest.mark.parametrize("count", [1, 2, 38, 39, 40, 100])
def test_cells_can_hold_few_vectors(count: int) -> None:
    index = DenseIndex.build(VECTORS[:count], np.arange(count, dtype=np.int32), kind=IndexKind.IVF)
    query = VECTORS[count - 1]
    assert index.nearest(query, 1) == [count - 1]
    assert sorted(index.nearest(query, 200)) == list(range(count))


def test_cells_give_each_vector_once_and_the_nearest_first() -> None:
    scores, found = CellIndex.build(VECTORS).search(QUERIES[:1], 300)
    assert (found >= 0).all()
    assert len(set(found[0].tolist())) == 300
    np.testing.assert_allclose(scores[0], VECTORS[found[0]] @ QUERIES[0], atol=1e-6)
    assert (np.diff(scores[0]) <= 0).all()


def test_what_cells_cannot_find_is_said_to_be_nothing() -> None:
    index = CellIndex.build(VECTORS[:40])
    scores, found = index.search(QUERIES[:2], 50)
    assert (found[:, 40:] == -1).all()
    assert np.isneginf(scores[:, 40:]).all()


def test_the_same_vectors_give_the_same_cells(tmp_path: Path) -> None:
    for name in ("one", "two"):
        DenseIndex.build(VECTORS, ROWS, kind=IndexKind.IVF).save(tmp_path / name, tmp_path / "r")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_cells_of_other_vectors_are_refused(tmp_path: Path) -> None:
    DenseIndex.build(VECTORS, ROWS, kind=IndexKind.IVF).save(tmp_path / "v", tmp_path / "r.npy")
    np.save(tmp_path / "kept.npy", VECTORS[:5])
    with pytest.raises(ValueError, match="5 are kept"):
        DenseIndex.load(tmp_path / "v", tmp_path / "r.npy")


def test_a_gpu_gets_the_vectors_of_cells_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[faiss.Index] = []

    class Resources:
        def setTempMemory(self, size: int) -> None: ...

    def copy(resources: Resources, device: int, index: faiss.Index) -> faiss.Index:
        copied.append(index)
        return index

    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1)
    monkeypatch.setattr(faiss, "StandardGpuResources", Resources, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu", copy, raising=False)
    cells = DenseIndex.build(VECTORS, ROWS, kind=IndexKind.IVF).placed(Placement.GPU)
    np.testing.assert_array_equal(copied[0].reconstruct_n(0, COUNT), VECTORS)
    exact = DenseIndex.build(VECTORS, ROWS, kind=IndexKind.FLAT)
    assert cells.nearest(QUERIES[0], 10) == exact.nearest(QUERIES[0], 10)


def test_a_search_leaves_faiss_as_many_threads_as_before(index: DenseIndex) -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(2)
    try:
        index.nearest(QUERIES[0], 3)
        assert faiss.omp_get_max_threads() == 2
    finally:
        faiss.omp_set_num_threads(before)


def test_twenty_thousand_clustered_vectors_are_found_in_cells() -> None:
    vectors, queries = _clustered(20_000, 64, 3), _clustered(100, 64, 4)
    rows = np.arange(20_000, dtype=np.int32)
    cells = DenseIndex.build(vectors, rows, kind=IndexKind.IVF)
    exact = DenseIndex.build(vectors, rows, kind=IndexKind.FLAT)
    assert _recall(cells, exact, queries) >= 0.98
