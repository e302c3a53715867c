from __future__ import annotations

import numpy as np
import pytest

from knowledge_base import nearest
from knowledge_base.dense import DenseIndex
from knowledge_base.embedding import Vectors
from knowledge_base.index_kind import IndexKind
from knowledge_base.nearest import nearest_among


def _vectors(count: int, dimension: int = 16) -> Vectors:
    drawn = np.random.default_rng(3).normal(size=(count, dimension)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.mark.parametrize("few", [4096, 5])
@pytest.mark.parametrize("kind", [IndexKind.FLAT, IndexKind.HNSW, IndexKind.IVF])
def test_the_nearest_among_some_are_those_of_comparing_each(
    kind: IndexKind, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "_FEW", few)
    vectors = _vectors(900)
    index = DenseIndex.build(vectors, np.arange(900, dtype=np.int32), kind=kind)
    among = np.arange(7, 900, 11, dtype=np.int32)
    query = vectors[200]
    exact = among[np.argsort(-(vectors[among] @ query))][:10].tolist()
    found = nearest_among(index, query, 10, among)
    assert len(set(found) & set(exact)) >= 9
    assert found[0] == exact[0]


def test_a_search_that_cannot_reach_further_is_filled_up_from_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nearest, "_FEW", 5)
    vectors = _vectors(400)
    index = DenseIndex.build(vectors, np.arange(400, dtype=np.int32))
    reached = index.nearest
    # As cells do, which end with those that were read.
    monkeypatch.setattr(index, "nearest", lambda query, limit: reached(query, min(limit, 50)))
    far = np.array(reached(vectors[0], 400)[380:], dtype=np.int32)
    found = nearest_among(index, vectors[0], 5, np.sort(far))
    assert len(set(found)) == 5
    assert set(found) <= set(far.tolist())
