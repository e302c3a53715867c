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


class Left:
    """Passages that are searched no more."""

    def __init__(self, gone: NDArray[np.bool_]) -> None:
        """`gone` is `(passages,)`."""
        self._gone = gone
        self._count = int(np.count_nonzero(gone))

    def __len__(self) -> int:
        return self._count

    def __contains__(self, row: int) -> bool:
        return bool(self._gone[row])


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
        cells = index.cells if isinstance(index, CellIndex) else None
        self._searcher = place(index, placement, flat=lambda: _flat(index), cells=cells)
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

    def stored(self, start: int, end: int) -> tuple[Vectors, Rows]:
        """The vectors with these numbers, `(n, d)`, and the passages they stand for."""
        end = min(end, len(self._rows))
        return self._index.reconstruct_batch(np.arange(start, end)), self._rows[start:end]

    @property
    def count(self) -> int:
        """Of vectors; `size` is that of passages."""
        return len(self._rows)

    def nearest(self, query: Vectors, limit: int) -> list[int]:
        """Up to `limit` passages, nearest first; `query` is `(d,)`."""
        return [row for row, _ in self.closest(query, limit)]

    def closest(
        self, query: Vectors, limit: int, *, without: Left | None = None
    ) -> list[tuple[int, float]]:
        """The same with the cosine of each one's nearest vector."""
        gone = len(without or ())
        wanted = min(limit, self.size - gone)
        most = min(len(self._rows), (wanted + gone) * self._most)
        reach = min(2 * wanted, len(self._rows))
        while wanted > 0:
            with _one_thread():
                scores, found = self._searcher.search(query[None], reach)
            best: dict[int, float] = {}
            for vector, score in zip(found[0].tolist(), scores[0].tolist(), strict=True):
                if vector >= 0:
                    best.setdefault(int(self._rows[vector]), score)
            pairs = [
                (row, score) for row, score in best.items() if not without or row not in without
            ]
            # A graph may return less than it was asked for, however far one reaches.
            if len(pairs) >= wanted or reach >= most:
                return pairs[:wanted]
            reach = min(2 * reach, len(self._rows))
        return []

    def fetch(self, numbers: NDArray[np.int64]) -> Vectors:
        """The vectors of those numbers, `(n, d)`, as they were added."""
        found: Vectors = self._index.reconstruct_batch(numbers)
        return found

    def vectors_of(self, passages: Rows) -> NDArray[np.int64]:
        """The numbers of all their vectors, those of a passage behind each other."""
        firsts, ends = self._starts[passages], self._starts[np.asarray(passages) + 1]
        spans = [np.arange(*span) for span in zip(firsts, ends, strict=True)]
        return np.concatenate(spans) if spans else np.empty(0, dtype=np.int64)

    def similarities(self, query: Vectors, passages: Sequence[int]) -> Similarities:
        """`query` is `(d,)`."""
        rows = np.asarray(passages)
        firsts, ends = self._starts[rows], self._starts[rows + 1]
        cosines = np.vecdot(self.fetch(self.vectors_of(rows)), query)
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
