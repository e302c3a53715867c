"""Where vectors are searched: in main memory, or on a graphics card that FAISS can use."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum

import faiss

from knowledge_base.errors import GpuUnusable
from knowledge_base.gpu import (
    FaissCards,
    GpuSearcher,
    Searcher,
    Stored,
    gpus,
    has_cagra,
    ways,
)

_log = logging.getLogger(__name__)


class Placement(StrEnum):
    AUTO = "auto"
    """A GPU where the installed FAISS has one, and it has room."""
    CPU = "cpu"
    GPU = "gpu"


def place(
    index: Stored,
    where: Placement,
    *,
    flat: Callable[[], faiss.Index],
    cells: faiss.Index | None = None,
) -> Searcher:
    """`flat` gives the same vectors in an exact index; `cells` are those of a `CellIndex`.

    The first of the ways that `knowledge_base.gpu` tables and that the cards have room for. Raises
    GpuUnusable only where a GPU was demanded; AUTO falls back to main memory.
    """
    if where is Placement.CPU:
        return index
    if (cards := gpus()) == 0:
        if where is Placement.GPU:
            raise GpuUnusable("the installed FAISS has none (pip install 'kefu[gpu]')")
        return index
    reason = ""
    for way in ways(index.ntotal, cards=cards, cells=cells is not None, cagra=has_cagra()):
        try:
            # FAISS cannot say how much room a card has: the next way is tried where it has none.
            return GpuSearcher(way, index, flat=flat, cells=cells, cards=FaissCards())
        except RuntimeError as error:
            # FAISS puts its source position first and the reason on a line of its own.
            reason = str(error).strip().splitlines()[-1]
            _log.warning("Vectors are not searched on a GPU (%s): %s", way, reason)
    if where is Placement.GPU:
        raise GpuUnusable(reason)
    _log.warning("Vectors stay in main memory")
    return index
