"""Which differences between groups are more than chance and large enough to matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.audits import intervals
from training.audits.intervals import Floats, Interval
from training.audits.metrics import DimensionReport, GroupFigure, Limits
from training.audits.outcomes import DIMENSIONS, OUTCOMES, Dimension
from training.audits.records import ConversationRecord

# The bounds after Holm lie far out: so many resamples shall lie beyond the outermost.
_RESAMPLES_BEYOND = 10


@dataclass(frozen=True)
class Comparison:
    """A group's share minus the share of its dimension's largest group."""

    dimension: str
    group: str
    reference: str
    outcome: str
    value: float
    reference_value: float
    difference: float
    interval: Interval
    """Clustered by customer, for this comparison alone."""
    family_interval: Interval
    """The same at the level that Holm's procedure tests this comparison at."""
    adjusted_p: float
    detectable: float
    flagged: bool


@dataclass(frozen=True)
class _Pair:
    dimension: str
    outcome: str
    group: GroupFigure
    reference: GroupFigure

    @property
    def cells(self) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
        return (
            (self.dimension, self.outcome, self.group.group),
            (self.dimension, self.outcome, self.reference.group),
        )


def compare(
    records: Sequence[ConversationRecord],
    reports: Sequence[DimensionReport],
    *,
    limits: Limits,
    dimensions: Sequence[Dimension] = DIMENSIONS,
) -> tuple[Comparison, ...]:
    """Every shown group against the largest one of its dimension, each share of every outcome.

    All comparisons are one family. A flag needs a family interval without zero, the same for
    every comparison with a smaller p-value, and a gap of at least `limits.practical_gap`.
    """
    pairs = _pairs(reports)
    if not pairs:
        return ()
    draws = _differences(records, pairs, limits, dimensions)
    p_values = [intervals.two_sided_p(draws[:, column]) for column in range(len(pairs))]
    adjusted = intervals.holm(p_values)
    order = sorted(range(len(pairs)), key=lambda index: p_values[index])
    results: dict[int, Comparison] = {}
    rejecting = True
    for rank, index in enumerate(order):
        level = (1 - limits.family_confidence) / (len(pairs) - rank)
        family = intervals.percentile_interval(draws[:, index], confidence=1 - level)
        rejecting = rejecting and family.excludes_zero()
        results[index] = _comparison(
            pairs[index], draws[:, index], family, adjusted[index], rejecting, len(pairs), limits
        )
    return tuple(results[index] for index in range(len(pairs)))


def _comparison(
    pair: _Pair,
    draws: Floats,
    family: Interval,
    adjusted_p: float,
    rejected: bool,
    family_size: int,
    limits: Limits,
) -> Comparison:
    gap = pair.group.value - pair.reference.value
    error = float(np.nanstd(draws, ddof=1))
    return Comparison(
        dimension=pair.dimension,
        group=pair.group.group,
        reference=pair.reference.group,
        outcome=pair.outcome,
        value=pair.group.value,
        reference_value=pair.reference.value,
        difference=gap,
        interval=intervals.percentile_interval(draws, confidence=limits.confidence),
        family_interval=family,
        adjusted_p=adjusted_p,
        detectable=intervals.detectable_gap(
            error, family=family_size, confidence=limits.family_confidence
        ),
        flagged=rejected and abs(gap) >= limits.practical_gap,
    )


def _pairs(reports: Sequence[DimensionReport]) -> list[_Pair]:
    compared = {outcome.name for outcome in OUTCOMES if outcome.flagged}
    pairs = []
    for report in reports:
        for table in report.tables:
            if table.outcome not in compared or len(table.figures) < 2:
                continue
            reference = max(table.figures, key=lambda figure: figure.n)
            pairs += [
                _Pair(report.dimension, table.outcome, figure, reference)
                for figure in table.figures
                if figure is not reference
            ]
    return pairs


def _differences(
    records: Sequence[ConversationRecord],
    pairs: Sequence[_Pair],
    limits: Limits,
    dimensions: Sequence[Dimension],
) -> Floats:
    """(rounds, pairs), all pairs in the same resamples."""
    cells = list(dict.fromkeys(cell for pair in pairs for cell in pair.cells))
    sums, counts = _cells(records, cells, dimensions)
    level = (1 - limits.family_confidence) / (2 * len(pairs))
    rounds = max(limits.rounds, round(_RESAMPLES_BEYOND / level))
    means = intervals.cluster_means(sums, counts, rounds=rounds, seed=limits.seed)
    column = {cell: index for index, cell in enumerate(cells)}
    first = [column[pair.cells[0]] for pair in pairs]
    second = [column[pair.cells[1]] for pair in pairs]
    return np.asarray(means[:, first] - means[:, second], dtype=np.float64)


def _cells(
    records: Sequence[ConversationRecord],
    cells: Sequence[tuple[str, str, str]],
    dimensions: Sequence[Dimension],
) -> tuple[Floats, Floats]:
    customers: dict[str, int] = {}
    rows = np.array([customers.setdefault(r.customer, len(customers)) for r in records])
    sums = np.zeros((len(customers), len(cells)))
    counts = np.zeros_like(sums)
    outcomes = {outcome.name: outcome.column(records) for outcome in OUTCOMES}
    groups = {
        dimension.name: np.array([dimension.group(r) or "" for r in records], dtype=object)
        for dimension in dimensions
    }
    for index, (dimension, outcome, group) in enumerate(cells):
        values = outcomes[outcome]
        inside = (groups[dimension] == group) & ~np.isnan(values)
        np.add.at(sums[:, index], rows[inside], values[inside])
        np.add.at(counts[:, index], rows[inside], 1.0)
    return sums, counts
