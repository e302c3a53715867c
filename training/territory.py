"""Measure where the training rows lie, for out-of-scope signals that centroids do not give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from chatbot.adapters.intent_scoring import Floats
from chatbot.adapters.intent_territory import Territory
from training.recipe import Recipe


def survey(
    unit: Floats, targets: NDArray[np.int64], *, classes: int, recipe: Recipe
) -> Territory | None:
    """`unit` (n, d) are L2-normalised embeddings, `targets` below `classes`; every class has a row.
    None where the recipe asks for nothing."""
    if not recipe.mahalanobis and not recipe.neighbours:
        return None
    means = np.stack([unit[targets == number].mean(axis=0) for number in range(classes)])
    nothing = np.zeros((0, unit.shape[1]))
    return Territory(
        means=means,
        whitening=_whitening(unit - means[targets]) if recipe.mahalanobis else nothing,
        rows=unit if recipe.neighbours else nothing,
        neighbours=recipe.neighbours,
    )


def _whitening(deviations: Floats) -> Floats:
    """The inverse root of the covariance, shrunk towards a sphere as far as the few rows ask
    (Ledoit and Wolf 2004): otherwise the directions without spread would decide alone."""
    covariance, _ = ledoit_wolf(deviations, assume_centered=True)
    values, directions = np.linalg.eigh(covariance)
    floor = max(float(values.max()) * 1e-6, 1e-12)
    return np.asarray(directions / np.sqrt(np.maximum(values, floor)), dtype=np.float64)
