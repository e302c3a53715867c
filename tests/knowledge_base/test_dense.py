from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.dense import DenseIndex
from knowledge_base.index_kind import IndexKind


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


@pytest.fixture
def index() -> DenseIndex:
    """Three passages in the plane: the first with two questions, the last with none."""
    vectors = _unit(np.array([[1, 0], [0, 1], [1, 1], [-1, 0], [-1, 0.2], [0, -1]]))
    return DenseIndex.build(vectors, np.array([0, 0, 0, 1, 1, 2], dtype=np.int32))


def test_a_passage_is_found_once_by_its_nearest_vector(index: DenseIndex) -> None:
    assert index.nearest(np.array([0, 1], dtype=np.float32), 3) == [0, 1, 2]


def test_no_more_passages_are_found_than_there_are(index: DenseIndex) -> None:
    assert sorted(index.nearest(np.array([1, 0], dtype=np.float32), 30)) == [0, 1, 2]


def test_text_nearest_and_average_question_are_told_apart(index: DenseIndex) -> None:
    found = index.similarities(np.array([1, 0], dtype=np.float32), [0, 2])
    half = np.sqrt(0.5)
    np.testing.assert_allclose(found.text, [1, 0], atol=1e-6)
    np.testing.assert_allclose(found.nearest, [half, 0], atol=1e-6)
    np.testing.assert_allclose(found.average, [half / 2, 0], atol=1e-6)


def test_a_saved_index_finds_the_same(index: DenseIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "v", tmp_path / "r.npy")
    loaded = DenseIndex.load(tmp_path / "v", tmp_path / "r.npy")
    query = np.array([0, -1], dtype=np.float32)
    assert loaded.nearest(query, 2) == index.nearest(query, 2)


def test_vectors_and_rows_must_match(index: DenseIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "v", tmp_path / "r.npy")
    np.save(tmp_path / "r.npy", np.zeros(2, dtype=np.int32))
    with pytest.raises(ValueError, match="6 vectors"):
        DenseIndex.load(tmp_path / "v", tmp_path / "r.npy")


def test_the_graph_finds_nearly_what_exact_search_finds() -> None:
    generator = np.random.default_rng(1)
    vectors = _unit(generator.normal(size=(3000, 32)))
    rows = np.arange(3000, dtype=np.int32)
    graph = DenseIndex.build(vectors, rows, kind=IndexKind.HNSW)
    exact = DenseIndex.build(vectors, rows)
    queries = _unit(generator.normal(size=(50, 32)))
    shared = [len(set(graph.nearest(q, 10)) & set(exact.nearest(q, 10))) for q in queries]
    assert np.mean(shared) >= 9.8
    found = graph.similarities(queries[0], [5, 7])
    np.testing.assert_allclose(found.text, vectors[[5, 7]] @ queries[0], atol=1e-5)


@pytest.mark.parametrize("kind", list(IndexKind))
def test_the_vectors_come_back_as_they_were_added(kind: IndexKind) -> None:
    vectors = _unit(np.random.default_rng(1).normal(size=(300, 8)))
    rows = np.repeat(np.arange(150, dtype=np.int32), 2)
    index = DenseIndex.build(vectors, rows, kind=kind)
    assert index.count == 300
    found, owners = index.stored(290, 400)
    np.testing.assert_array_equal(found, vectors[290:])
    np.testing.assert_array_equal(owners, rows[290:])
