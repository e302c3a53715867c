"""Searching vectors on graphics cards: which way, and what each way needs of FAISS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import Vectors

EXACT_UP_TO = 5_000_000
"""Vectors that a card compares in some milliseconds: at 384 dimensions it reads 8 GB, of which
cards read 0.6 to 3 TB a second."""
GPU_MOST = 2048
"""Neighbours that one search on a GPU can return; for more, main memory is searched."""
CAGRA_MOST = 256
"""The same of CAGRA, whose list of candidates is that long."""
FIRST_GPU = 0

_SCRATCH_BYTES = 64 * 2**20
_LOOKED_AT_AGAIN = 4
"""Vectors for each one wanted, where a way may misplace near neighbours."""
_LEAST_AGAIN = 64
_GRAPH_LINKS = 64

# FAISS's own stubs are of a build without cuVS.
_cuvs: Any = faiss

Found = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Scores and vector numbers, `(n, reach)` each, best first; -1 where nothing was found."""


class Searcher(Protocol):
    def search(self, queries: Vectors, reach: int) -> Found: ...


class Stored(Searcher, Protocol):
    """Vectors in main memory or mapped into it, as FAISS and `CellIndex` hold them."""

    @property
    def ntotal(self) -> int: ...

    @property
    def d(self) -> int: ...

    def reconstruct_batch(self, numbers: NDArray[np.int64]) -> Vectors:
        """`(n, d)`, as they were added."""
        ...


class Way(StrEnum):
    EXACT = "exact"
    """All vectors on one card, all compared."""
    SHARDED = "sharded"
    """The same, with a part of the vectors on each card."""
    CAGRA = "cagra"
    """A graph that is walked; FAISS must have been built with cuVS."""
    CELLS = "cells"
    """An inverted file of shortened vectors: a quarter of the memory."""


NEAR = frozenset({Way.CAGRA, Way.CELLS})
"""Ways that may miss; what they find is compared again by the vectors in main memory."""


def ways(count: int, *, cards: int, cells: bool, cagra: bool) -> tuple[Way, ...]:
    """Those worth trying, the best first; the next one is for when a card has no room.

    `cells` says that the version was built with cells, `cagra` that FAISS has CAGRA.

    | vectors           | order                         | why                                     |
    |-------------------|-------------------------------|-----------------------------------------|
    | up to EXACT_UP_TO | exact, sharded, cells         | misses nothing, and is quick enough     |
    | more              | cagra, cells, exact, sharded  | reads a small part of the vectors       |
    """
    exact = [Way.EXACT, *([Way.SHARDED] if cards > 1 else [])]
    shortened = [Way.CELLS] if cells else []
    if count <= EXACT_UP_TO:
        return (*exact, *shortened)
    # A graph takes more room than the vectors alone, so it is no way out where they have none.
    return (*([Way.CAGRA] if cagra else []), *shortened, *exact)


class Cards(Protocol):
    """Copies to cards; each raises RuntimeError where they have no room."""

    def exact(self, flat: faiss.Index) -> Any: ...

    def sharded(self, flat: faiss.Index) -> Any: ...

    def cagra(self, flat: faiss.Index) -> Any: ...

    def cells(self, cells: Any) -> Any: ...


class FaissCards:
    """What the installed FAISS can use. It must have a GPU."""

    def __init__(self) -> None:
        self._resources: list[Any] = []
        """Must live as long as what was copied with them."""

    def exact(self, flat: faiss.Index) -> Any:
        return faiss.index_cpu_to_gpu(self._one(), FIRST_GPU, flat)

    def sharded(self, flat: faiss.Index) -> Any:
        options = faiss.GpuMultipleClonerOptions()
        options.shard = True
        own = [self._one() for _ in range(gpus())]
        return faiss.index_cpu_to_gpu_multiple_py(own, flat, options)

    def cagra(self, flat: faiss.Index) -> Any:
        settings = _cuvs.GpuIndexCagraConfig()
        settings.device = FIRST_GPU
        settings.graph_degree = _GRAPH_LINKS
        settings.intermediate_graph_degree = 2 * _GRAPH_LINKS
        # Of vectors of length one the nearest are those with the highest product.
        index = _cuvs.GpuIndexCagra(self._one(), flat.d, faiss.METRIC_L2, settings)
        index.train(flat.reconstruct_n(0, flat.ntotal))
        return _Walked(index)

    def cells(self, cells: Any) -> Any:
        return faiss.index_cpu_to_gpu(self._one(), FIRST_GPU, cells)

    def _one(self) -> Any:
        resources = faiss.StandardGpuResources()
        # FAISS would reserve over a gigabyte in every process.
        resources.setTempMemory(_SCRATCH_BYTES)
        self._resources.append(resources)
        return resources


class _Walked:
    """CAGRA, told how long its list of candidates is: as long as any that is asked for."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._effort = _cuvs.SearchParametersCagra()
        self._effort.itopk_size = CAGRA_MOST

    def search(self, queries: Vectors, reach: int) -> Found:
        found: Found = self._index.search(queries, reach, params=self._effort)
        return found


class GpuSearcher:
    """The vectors are copied: main memory still answers what a card cannot.

    Raises RuntimeError where the cards have no room.
    """

    def __init__(
        self,
        way: Way,
        index: Stored,
        *,
        flat: Callable[[], faiss.Index],
        cells: faiss.Index | None,
        cards: Cards,
    ) -> None:
        copies: Mapping[Way, Callable[[], Any]] = {
            Way.EXACT: lambda: cards.exact(flat()),
            Way.SHARDED: lambda: cards.sharded(flat()),
            Way.CAGRA: lambda: cards.cagra(flat()),
            Way.CELLS: lambda: cards.cells(cells),
        }
        self.way = way
        self._index = index
        self._cards = cards
        self._gpu = copies[way]()
        self._most = CAGRA_MOST if way is Way.CAGRA else GPU_MOST
        # Searches share the scratch memory, which FAISS does not guard.
        self._one_at_a_time = threading.Lock()

    def search(self, queries: Vectors, reach: int) -> Found:
        if reach > self._most:
            return self._index.search(queries, reach)
        if self.way not in NEAR:
            with self._one_at_a_time:
                found: Found = self._gpu.search(queries, reach)
            return found
        wanted = min(enough(reach), self._most, self._index.ntotal)
        with self._one_at_a_time:
            _, numbers = self._gpu.search(queries, wanted)
        return compared_again(self._index, queries, numbers, reach)


def enough(reach: int) -> int:
    """How many to find in a way that may misplace them, for the first `reach` to be among them."""
    return max(_LOOKED_AT_AGAIN * reach, _LEAST_AGAIN)


def compared_again(
    index: Stored, queries: Vectors, numbers: NDArray[np.int64], reach: int
) -> Found:
    """The best of those found for each query, by the vectors as they were added."""
    scores = np.full((len(queries), reach), -np.inf, dtype=np.float32)
    found = np.full((len(queries), reach), -1, dtype=np.int64)
    for row, query in enumerate(queries):
        seen = numbers[row][numbers[row] >= 0]
        cosines = np.vecdot(index.reconstruct_batch(seen), query)
        first = np.argsort(-cosines, kind="stable")[:reach]
        scores[row, : len(first)] = cosines[first]
        found[row, : len(first)] = seen[first]
    return scores, found


def gpus() -> int:
    """How many the installed FAISS can use."""
    return int(faiss.get_num_gpus()) if hasattr(faiss, "get_num_gpus") else 0


def has_cagra() -> bool:
    """Whether the installed FAISS was built with cuVS."""
    return hasattr(faiss, "GpuIndexCagra")
