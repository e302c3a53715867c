"""Where the training rows lie in the space of embeddings, for judging what lies elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Territory:
    """All of L2-normalised embeddings; an array without rows leaves its signal out."""

    means: Floats
    """(in-scope labels, d)"""
    whitening: Floats
    """(d, d): a row times this has the same spread in every direction within an intent."""
    rows: Floats
    """(m, d): training rows of all intents."""
    neighbours: int
    """The so-manieth nearest of `rows` gives the distance."""

    def signals(self, unit: Floats) -> dict[str, Floats]:
        """`unit` (n, d), L2-normalised; numbers that grow away from the rows, (n,) each.

        `mahalanobis`  distance to the nearest mean in units of the spread that the intents share
                       (Lee et al. 2018, arXiv 1807.03888)
        `neighbour`    distance to the k-th nearest row (Sun et al. 2022, arXiv 2204.06507)
        """
        signals: dict[str, Floats] = {}
        if len(self.whitening):
            signals["mahalanobis"] = _nearest(unit @ self.whitening, self.means @ self.whitening, 1)
        if len(self.rows):
            signals["neighbour"] = _nearest(unit, self.rows, self.neighbours)
        return signals


def _nearest(points: Floats, places: Floats, which: int) -> Floats:
    """Distance of each point to the so-manieth nearest place, or to the last there is."""
    squares = (points**2).sum(axis=1)[:, None] + (places**2).sum(axis=1) - 2 * points @ places.T
    which = min(which, len(places)) - 1
    nearest = np.partition(squares, which, axis=1)[:, which]
    return np.asarray(np.sqrt(np.maximum(nearest, 0.0)), dtype=np.float64)
