"""Where vectors are searched: in main memory, or on a graphics card that FAISS can use."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import Vectors
from knowledge_base.errors import GpuUnusable

_log = logging.getLogger(__name__)

FIRST_GPU = 0
GPU_MOST = 2048
"""Neighbours that one search on a GPU can return; for more, main memory is searched."""
_SCRATCH_BYTES = 64 * 2**20

Found = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Scores and vector numbers, `(n, reach)` each, best first; -1 where nothing was found."""


class Placement(StrEnum):
    AUTO = "auto"
    """A GPU where the installed FAISS has one, and it has room."""
    CPU = "cpu"
    GPU = "gpu"


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


class GpuSearcher:
    """Exact search on the first GPU; also of the vectors of a graph or of cells, whose misses it
    does not share.

    The vectors are copied: main memory still answers what a GPU cannot.
    """

    def __init__(self, index: Stored, flat: faiss.Index) -> None:
        self._index = index
        self._resources = faiss.StandardGpuResources()
        # FAISS would reserve over a gigabyte in every process.
        self._resources.setTempMemory(_SCRATCH_BYTES)
        self._gpu = faiss.index_cpu_to_gpu(self._resources, FIRST_GPU, flat)
        # Searches share the scratch memory, which FAISS does not guard.
        self._one_at_a_time = threading.Lock()

    def search(self, queries: Vectors, reach: int) -> Found:
        if reach > GPU_MOST:
            found = self._index.search(queries, reach)
        else:
            with self._one_at_a_time:
                found = self._gpu.search(queries, reach)
        return found


def place(index: Stored, where: Placement, *, flat: Callable[[], faiss.Index]) -> Searcher:
    """`flat` gives the same vectors in an exact index. Raises GpuUnusable only where a GPU was
    demanded; AUTO falls back to main memory."""
    if where is Placement.CPU:
        return index
    if gpus() == 0:
        if where is Placement.GPU:
            raise GpuUnusable("the installed FAISS has none (pip install 'kefu[gpu]')")
        return index
    try:
        return GpuSearcher(index, flat())
    except RuntimeError as error:
        # FAISS puts its source position first and the reason on a line of its own.
        reason = str(error).strip().splitlines()[-1]
        if where is Placement.GPU:
            raise GpuUnusable(reason) from error
        _log.warning("Vectors stay in main memory: %s", reason)
        return index


def gpus() -> int:
    """How many the installed FAISS can use."""
    return int(faiss.get_num_gpus()) if hasattr(faiss, "get_num_gpus") else 0
