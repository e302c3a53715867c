"""Approximate search in little memory: cells of shortened vectors, whose best are looked at again.

The inverted file of Jégou, Douze and Schmid (Product quantization for nearest neighbor search,
2011, https://doi.org/10.1109/TPAMI.2010.57) with a byte a dimension instead of product codes.
"""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import Vectors
from knowledge_base.gpu import Found, compared_again, enough

_CELLS_A_ROOT = 4
"""Cells for each unit of the square root of the number of vectors."""
_LEAST_A_CELL = 39
"""Vectors to find one centre by; FAISS complains below."""
_MOST_A_CELL = 64
_ROUNDS = 10
_CELLS_READ = 32
_SEED = 1


class CellIndex:
    """`kept` are the vectors as they are, `(n, d)` float32, in memory or mapped from the disk."""

    def __init__(self, cells: faiss.IndexIVF, kept: Vectors) -> None:
        if cells.ntotal != len(kept) or cells.d != kept.shape[1]:
            raise ValueError(f"cells for {cells.ntotal} vectors, but {len(kept)} are kept")
        self.cells = cells
        self.kept = kept
        cells.nprobe = min(_CELLS_READ, cells.nlist)

    @classmethod
    def build(cls, vectors: Vectors) -> CellIndex:
        count, dimension = vectors.shape
        centres = max(1, min(round(_CELLS_A_ROOT * count**0.5), count // _LEAST_A_CELL))
        cells = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dimension),
            dimension,
            centres,
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
        )
        cells.cp.niter, cells.cp.spherical, cells.cp.seed = _ROUNDS, True, _SEED
        # FAISS warns on standard error of fewer, which no more centres than one can have.
        cells.cp.min_points_per_centroid = 1
        shown = np.random.default_rng(_SEED).permutation(count)[: centres * _MOST_A_CELL]
        cells.train(vectors[np.sort(shown)])
        cells.add(vectors)
        return cls(cells, vectors)

    @property
    def ntotal(self) -> int:
        return len(self.kept)

    @property
    def d(self) -> int:
        return int(self.kept.shape[1])

    def search(self, queries: Vectors, reach: int) -> Found:
        wanted = min(enough(reach), self.ntotal)
        _, numbers = self.cells.search(queries, wanted)
        return compared_again(self, queries, numbers, reach)

    def reconstruct_batch(self, numbers: NDArray[np.int64]) -> Vectors:
        return self.kept[numbers]

    def flat(self) -> faiss.Index:
        """All vectors as they are, in memory; for a GPU, which searches them exactly."""
        index = faiss.IndexFlatIP(self.d)
        index.add(np.ascontiguousarray(self.kept))
        return index
