"""The nearest of those passages that a filter lets in."""

from __future__ import annotations

import numpy as np

from knowledge_base.dense import Rows
from knowledge_base.embedding import Vectors
from knowledge_base.splice import Nearness

_FEW = 4096
"""Passages whose similarities are computed one by one sooner than searched for."""


def nearest_among(index: Nearness, query: Vectors, limit: int, among: Rows) -> list[int]:
    """Up to `limit` of the passages `among`, nearest first; `query` is `(d,)`.

    Few are compared one by one; of many, the search reaches further until enough of its finds are
    among them. Where an approximate index finds no more, some others fill up, compared one by one.
    """
    wanted = min(limit, len(among))
    if len(among) <= _FEW:
        return _compared(index, query, among)[:wanted]
    inside = np.zeros(index.size, dtype=np.bool_)
    inside[among] = True
    reach = min(index.size, 2 * wanted * -(-index.size // len(among)))
    while True:
        near = index.nearest(query, reach)
        found = [row for row in near if inside[row]][:wanted]
        if len(found) == wanted:
            return found
        if len(near) < reach or reach == index.size:
            others = np.setdiff1d(among, np.array(found, dtype=np.int32))
            spread = others[:: -(-len(others) // _FEW)]
            return [*found, *_compared(index, query, spread)][:wanted]
        reach = min(index.size, 4 * reach)


def _compared(index: Nearness, query: Vectors, rows: Rows) -> list[int]:
    if not len(rows):
        return []
    seen = index.similarities(query, rows.tolist())
    order = np.argsort(-np.maximum(seen.text, seen.nearest), kind="stable")
    return [int(row) for row in rows[order]]
