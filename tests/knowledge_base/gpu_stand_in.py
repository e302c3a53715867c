"""Cards that are none: each way of searching on a GPU, as far as main memory can do it."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from knowledge_base.embedding import Vectors
from knowledge_base.gpu import CAGRA_MOST, GPU_MOST, Found

_LINKS = 64
_SHARDS = 2


class StandIn:
    """Refuses longer lists than a card does."""

    def __init__(self, index: Any, most: int) -> None:
        self._index = index
        self._most = most

    def search(self, queries: Vectors, reach: int) -> Found:
        if reach > self._most:
            raise RuntimeError(f"k = {reach} is more than {self._most}")
        found: Found = self._index.search(queries, reach)
        return found


class StandInCards:
    """A graph of main memory stands for CAGRA, two parts in it for two cards."""

    def exact(self, flat: faiss.Index) -> StandIn:
        return StandIn(faiss.clone_index(flat), GPU_MOST)

    def sharded(self, flat: faiss.Index) -> StandIn:
        shards = faiss.IndexShards(flat.d, False, True)
        vectors = flat.reconstruct_n(0, flat.ntotal)
        for part in np.array_split(vectors, _SHARDS):
            shard = faiss.IndexFlatIP(flat.d)
            shard.add(part)
            shards.add_shard(shard)
        return StandIn(shards, GPU_MOST)

    def cagra(self, flat: faiss.Index) -> StandIn:
        graph = faiss.IndexHNSWFlat(flat.d, _LINKS // 2, faiss.METRIC_L2)
        graph.hnsw.efSearch = CAGRA_MOST
        graph.add(flat.reconstruct_n(0, flat.ntotal))
        return StandIn(graph, CAGRA_MOST)

    def cells(self, cells: Any) -> StandIn:
        return StandIn(cells, GPU_MOST)
