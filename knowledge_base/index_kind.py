"""How the vectors of a version are searched, chosen by how many there are."""

from __future__ import annotations

from enum import StrEnum

EXACT_UP_TO = 50_000
"""Vectors. Every one is compared with the query: some 5 ms at this number and 384 dimensions."""
GRAPH_BYTES_MOST = 2**30
"""Of a graph and its vectors, all of which a search may touch. A server beside it holds two
encoders in as much."""
LINKS = 32
"""Of a vector in the graph; twice as many on its lowest level."""

_FLOAT_BYTES = 4
_LINK_BYTES = 4
_BOOKKEEPING_BYTES = 20


class IndexKind(StrEnum):
    FLAT = "flat"
    """Exact: every vector is compared."""
    HNSW = "hnsw"
    """A graph of neighbours that is walked."""
    IVF = "ivf"
    """Cells around centres; the nearest cells are read at a byte a dimension, and the best of
    them compared again by vectors that stay on the disk until they are needed."""


def chosen_kind(count: int, dimension: int) -> IndexKind:
    """The same for the same numbers on every machine, whatever memory it has.

    | vectors                                             | kind | why                         |
    |-----------------------------------------------------|------|-----------------------------|
    | up to EXACT_UP_TO                                   | flat | quick enough, misses nothing|
    | more, and the graph takes up to GRAPH_BYTES_MOST    | hnsw | quickest at a high recall   |
    | more than that (384 dimensions: from some 590,000)  | ivf  | a quarter of the memory, and|
    |                                                     |      | built in a fraction of time |
    """
    if count <= EXACT_UP_TO:
        return IndexKind.FLAT
    if graph_bytes(count, dimension) <= GRAPH_BYTES_MOST:
        return IndexKind.HNSW
    return IndexKind.IVF


def graph_bytes(count: int, dimension: int) -> int:
    """Of a graph over `count` vectors of `dimension` float32, nearly: levels are drawn."""
    return count * (dimension * _FLOAT_BYTES + 2 * LINKS * _LINK_BYTES + _BOOKKEEPING_BYTES)
