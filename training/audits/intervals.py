"""How sure a figure is: intervals for shares, medians and differences, and many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

Floats = NDArray[np.float64]

# More customers than this are put at random into so many pools before resampling. Customers are
# independent of each other, so pools of them vary as they do, and the cost stays bounded.
MOST_CLUSTERS = 2000
_CHUNK_CELLS = 1_000_000


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    def excludes_zero(self) -> bool:
        return self.low > 0.0 or self.high < 0.0


def wilson(successes: float, n: int, *, confidence: float = 0.95) -> Interval:
    """Interval of a share (Wilson 1927, JASA 22:209). It takes the n rows for independent.

    `successes` may be a sum of shares in [0, 1]: those vary less than zeros and ones, so the
    interval is then too wide rather than too narrow.
    """
    if n <= 0:
        return Interval(0.0, 1.0)
    z = float(norm.ppf(0.5 + confidence / 2))
    share = successes / n
    centre = share + z * z / (2 * n)
    reach = z * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    scale = 1 + z * z / n
    # At 0 and n the bounds are exact, which rounding would hide.
    low = 0.0 if successes <= 0 else max(0.0, (centre - reach) / scale)
    high = 1.0 if successes >= n else min(1.0, (centre + reach) / scale)
    return Interval(low, high)


def median_interval(values: Floats, *, confidence: float = 0.95) -> Interval:
    """Between two order statistics (Conover 1999, section 3.2): no shape is assumed."""
    ordered = np.sort(values)
    tail = (1 - confidence) / 2
    low = int(binom.ppf(tail, len(ordered), 0.5))
    high = int(binom.ppf(1 - tail, len(ordered), 0.5))
    last = len(ordered) - 1
    return Interval(float(ordered[min(low, last)]), float(ordered[min(high, last)]))


def cluster_means(sums: Floats, counts: Floats, *, rounds: int, seed: int) -> Floats:
    """Means of k cells in resamples of whole customers (cluster bootstrap, Davison & Hinkley
    1997, section 3.8).

    `sums` and `counts` are (customers, k): what a customer adds to each cell. The result is
    (rounds, k), NaN where a resample leaves a cell empty.
    """
    rng = np.random.default_rng(seed)
    sums, counts = _pooled(sums, counts, rng)
    clusters = len(sums)
    means = np.full((rounds, sums.shape[1]), np.nan)
    step = max(1, _CHUNK_CELLS // max(1, clusters))
    for start in range(0, rounds if clusters else 0, step):
        weights = _weights(clusters, min(step, rounds - start), rng)
        total, rows = weights @ sums, weights @ counts
        np.divide(total, rows, out=means[start : start + len(weights)], where=rows > 0)
    return means


def _weights(clusters: int, rounds: int, rng: np.random.Generator) -> Floats:
    """(rounds, clusters): how often each cluster was drawn."""
    drawn = rng.integers(0, clusters, size=(rounds, clusters))
    drawn += np.arange(rounds)[:, None] * clusters
    flat = np.bincount(drawn.ravel(), minlength=rounds * clusters)
    return flat.reshape(rounds, clusters).astype(np.float64)


def _pooled(sums: Floats, counts: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    if len(sums) <= MOST_CLUSTERS:
        return sums, counts
    pool = rng.permutation(len(sums)) % MOST_CLUSTERS
    pooled = [np.zeros((MOST_CLUSTERS, sums.shape[1])) for _ in range(2)]
    np.add.at(pooled[0], pool, sums)
    np.add.at(pooled[1], pool, counts)
    return pooled[0], pooled[1]


def percentile_interval(draws: Floats, *, confidence: float = 0.95) -> Interval:
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail])
    return Interval(float(low), float(high))


def two_sided_p(draws: Floats) -> float:
    """How often a resampled difference lands on the other side of zero; never exactly 0."""
    valid = draws[~np.isnan(draws)]
    below, above = np.sum(valid <= 0), np.sum(valid >= 0)
    return float(min(1.0, 2 * (min(below, above) + 1) / (len(valid) + 1)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given (Holm 1979, Scand. J. Statist. 6:65)."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [1.0] * len(p_values)
    worst = 0.0
    for rank, index in enumerate(order):
        worst = max(worst, min(1.0, p_values[index] * (len(order) - rank)))
        adjusted[index] = worst
    return adjusted


def detectable_gap(
    standard_error: float, *, family: int, confidence: float = 0.95, power: float = 0.8
) -> float:
    """Smallest true difference that the first step of Holm's procedure finds with this power."""
    level = (1 - confidence) / max(1, family)
    return float((norm.ppf(1 - level / 2) + norm.ppf(power)) * standard_error)
