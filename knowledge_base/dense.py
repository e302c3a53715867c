"""Finding passages by the nearness of vectors (FAISS, inner product)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.cells import CellIndex
from knowledge_base.embedding import Vectors
from knowledge_base.index_kind import LINKS, IndexKind, chosen_kind
from knowledge_base.placement import Placement, place

_EFFORT_BUILDING = 200
_EFFORT_SEARCHING = 128

Rows = NDArray[np.int32]
AnyIndex = faiss.Index | CellIndex


@dataclass(frozen=True)
class Similarities:
    """Cosines of a query and some passages, each `(n,)`."""

    text: Vectors
    nearest: Vectors
    """Of the passage's nearest question; the text's for a passage without questions."""
    average: Vectors
    """Over all questions of the passage; the text's for a passage without questions."""


class DenseIndex:
    """Several vectors may stand for one passage; the nearest of them counts.

    `rows[v]` is the passage that vector `v` stands for. The vectors of a passage are neighbours,
    the one of its text first, and there is at least one.
    """

    def __init__(
        self, index: AnyIndex, rows: Rows, *, placement: Placement = Placement.CPU
    ) -> None:
        if index.ntotal != len(rows):
            raise ValueError(f"{index.ntotal} vectors, but rows for {len(rows)}")
        self._index = index
        self._searcher = place(index, placement, flat=lambda: _flat(index))
        self._rows = rows
        self._starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1], True])
        self.size = len(self._starts) - 1
        self._most = int(np.diff(self._starts).max())

    @classmethod
    def build(cls, vectors: Vectors, rows: Rows, *, kind: IndexKind | None = None) -> DenseIndex:
        """Of the kind that `chosen_kind` says, unless one is given."""
        kind = kind or chosen_kind(*vectors.shape)
        if kind is IndexKind.IVF:
            return cls(CellIndex.build(vectors), rows)
        dimension = vectors.shape[1]
        index = faiss.IndexFlatIP(dimension) if kind is IndexKind.FLAT else _graph(dimension)
        index.add(vectors)
        return cls(index, rows)

    @classmethod
    def load(
        cls,
        vectors: Path,
        rows: Path,
        *,
        placement: Placement = Placement.CPU,
        mapped: bool = False,
    ) -> DenseIndex:
        """Raises RuntimeError, OSError or ValueError on files that `save` did not write.

        `mapped` leaves vectors on the disk until a search needs them: the files must stay.
        """
        index = faiss.read_index(str(vectors), faiss.IO_FLAG_MMAP_IFC if mapped else 0)
        stored: AnyIndex = index
        if isinstance(index, faiss.IndexIVF):
            kept = np.load(_kept(vectors), allow_pickle=False, mmap_mode="r" if mapped else None)
            stored = CellIndex(index, kept)
        return cls(stored, np.load(rows, allow_pickle=False), placement=placement)

    def placed(self, placement: Placement) -> DenseIndex:
        """The same vectors, searched elsewhere."""
        return DenseIndex(self._index, self._rows, placement=placement)

    def save(self, vectors: Path, rows: Path) -> None:
        """Cells also lay the vectors themselves beside `vectors`."""
        if isinstance(self._index, CellIndex):
            np.save(_kept(vectors), self._index.kept, allow_pickle=False)
            faiss.write_index(self._index.cells, str(vectors))
        else:
            faiss.write_index(self._index, str(vectors))
        np.save(rows, self._rows, allow_pickle=False)

    @property
    def kind(self) -> IndexKind:
        if isinstance(self._index, CellIndex):
            return IndexKind.IVF
        return IndexKind.HNSW if isinstance(self._index, faiss.IndexHNSW) else IndexKind.FLAT

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def nearest(self, query: Vectors, limit: int) -> list[int]:
        """Up to `limit` passages, nearest first; `query` is `(d,)`."""
        wanted = min(limit, self.size)
        reach = min(2 * wanted, len(self._rows))
        while True:
            with _one_thread():
                _, found = self._searcher.search(query[None], reach)
            passages = dict.fromkeys(int(self._rows[vector]) for vector in found[0] if vector >= 0)
            # A graph may return less than it was asked for, however far one reaches.
            if len(passages) >= wanted or reach >= min(len(self._rows), wanted * self._most):
                return list(passages)[:wanted]
            reach = min(2 * reach, len(self._rows))

    def similarities(self, query: Vectors, passages: Sequence[int]) -> Similarities:
        """`query` is `(d,)`."""
        firsts, ends = self._starts[passages], self._starts[np.asarray(passages) + 1]
        vectors = np.concatenate([np.arange(*span) for span in zip(firsts, ends, strict=True)])
        cosines = np.vecdot(self._index.reconstruct_batch(vectors), query)
        counts = ends - firsts
        places = np.cumsum(counts) - counts
        texts = cosines[places]
        asked = np.maximum(counts - 1, 1).astype(np.float32)
        alone = counts == 1
        sums = np.add.reduceat(cosines, places)
        average = np.where(alone, texts, (sums - texts) / asked)
        cosines[places[~alone]] = -1
        return Similarities(
            text=texts, nearest=np.maximum.reduceat(cosines, places), average=average
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """For one query a second thread saves little, and waits long where others are at work."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _graph(dimension: int) -> faiss.Index:
    graph = faiss.IndexHNSWFlat(dimension, LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = _EFFORT_BUILDING
    graph.hnsw.efSearch = _EFFORT_SEARCHING
    return graph


def _flat(index: AnyIndex) -> faiss.Index:
    if isinstance(index, CellIndex):
        return index.flat()
    return faiss.downcast_index(index.storage) if isinstance(index, faiss.IndexHNSW) else index


def _kept(vectors: Path) -> Path:
    return vectors.with_name("kept.npy")
