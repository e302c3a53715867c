"""Is one model better than another, or luckier? Both have answered the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from training.audits.intervals import Interval, percentile_interval

RESAMPLES = 10_000
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class PairedTest:
    n: int
    right: int
    """Rows that the first model gets right."""
    other_right: int
    won: int
    """Rows that only the first model gets right."""
    lost: int
    """Rows that only the second gets right."""
    difference: float
    """Accuracy of the first less that of the second."""
    interval: Interval
    """Of the difference, at 95 %."""
    p_value: float

    @property
    def significant(self) -> bool:
        return self.p_value < SIGNIFICANT


def compare_paired(
    right: Sequence[bool],
    other_right: Sequence[bool],
    *,
    resamples: int = RESAMPLES,
    seed: int = 1,
) -> PairedTest:
    """Which rows each of two models gets right, in the same order.

    It takes the rows for independent of each other, and says nothing about another seed of the
    same training.
    """
    pairs = list(zip(right, other_right, strict=True))
    won = sum(one and not other for one, other in pairs)
    lost = sum(other and not one for one, other in pairs)
    n = len(pairs)
    return PairedTest(
        n=n,
        right=sum(one for one, _ in pairs),
        other_right=sum(other for _, other in pairs),
        won=won,
        lost=lost,
        difference=(won - lost) / n if n else 0.0,
        interval=_interval(won, lost, n, resamples=resamples, seed=seed),
        p_value=mcnemar(won, lost),
    )


def mcnemar(won: int, lost: int) -> float:
    """McNemar (1947) in its exact binomial form, two-sided; 1 where the models never differ."""
    changed = won + lost
    return float(binomtest(won, changed, 0.5).pvalue) if changed else 1.0


def _interval(won: int, lost: int, n: int, *, resamples: int, seed: int) -> Interval:
    if not n:
        return Interval(-1.0, 1.0)
    # A resample of rows that are won, lost or neither is a draw of three counts.
    drawn = np.random.default_rng(seed).multinomial(
        n, [won / n, lost / n, (n - won - lost) / n], size=resamples
    )
    return percentile_interval((drawn[:, 0] - drawn[:, 1]) / n)
