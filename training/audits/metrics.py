"""Outcomes by group: shares with intervals, impact ratios, parity; small groups suppressed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from fairlearn.metrics import MetricFrame, mean_prediction
from numpy.typing import NDArray

from training.audits.intervals import Floats, Interval, median_interval, wilson
from training.audits.outcomes import DIMENSIONS, OUTCOMES, Dimension, Outcome
from training.audits.records import ConversationRecord


@dataclass(frozen=True)
class Limits:
    smallest_group: int = 30
    """Conversations with a known outcome, below which a group's figures are not shown."""
    smallest_customers: int = 10
    """Thirty conversations of one person are about that person."""
    practical_gap: float = 0.10
    """A difference of shares below this is never flagged, however sure it is."""
    confidence: float = 0.95
    """Of every interval shown."""
    family_confidence: float = 0.99
    """One report in a hundred may flag something where there is nothing."""
    rounds: int = 10_000
    seed: int = 1


@dataclass(frozen=True)
class Suppressed:
    group: str
    band: str
    """How many conversations, roughly: `1-9`, `10-29`, or `30+` of too few customers."""


@dataclass(frozen=True)
class GroupFigure:
    group: str
    n: int
    value: float
    """A share, or a median in milliseconds."""
    interval: Interval
    impact_ratio: float | None
    """Favourable share divided by the best group's favourable share; None for times."""


@dataclass(frozen=True)
class Table:
    """One outcome in one dimension. Overall, difference and ratio count shown groups only."""

    outcome: str
    unit: str
    better: str
    figures: tuple[GroupFigure, ...]
    suppressed: tuple[Suppressed, ...]
    overall: float | None
    difference: float | None
    """Highest group minus lowest: for shares, the demographic parity difference."""
    ratio: float | None
    """Lowest group divided by highest: for shares, the demographic parity ratio."""


@dataclass(frozen=True)
class DimensionReport:
    dimension: str
    n: int
    unknown_share: float | None
    tables: tuple[Table, ...]


def count_band(n: int, smallest: int) -> str:
    if n >= smallest:
        return f"{smallest}+"
    return f"1-{min(9, smallest - 1)}" if n < 10 else f"10-{smallest - 1}"


def measure(
    records: Sequence[ConversationRecord],
    *,
    limits: Limits,
    dimensions: Sequence[Dimension] = DIMENSIONS,
) -> list[DimensionReport]:
    return [_dimension(records, dimension, limits) for dimension in dimensions]


def _dimension(
    records: Sequence[ConversationRecord], dimension: Dimension, limits: Limits
) -> DimensionReport:
    known = [record for record in records if dimension.group(record) is not None]
    tables = tuple(outcome_table(known, dimension, outcome, limits) for outcome in OUTCOMES)
    unknown = 1 - len(known) / len(records) if records else None
    return DimensionReport(dimension.name, len(records), unknown, tables)


def outcome_table(
    records: Sequence[ConversationRecord], dimension: Dimension, outcome: Outcome, limits: Limits
) -> Table:
    """Records whose group or outcome is unknown are left out."""
    values = outcome.column(records)
    groups = np.array([dimension.group(record) or "" for record in records], dtype=object)
    usable = ~np.isnan(values) & (groups != "")
    customers = np.array([record.customer for record in records], dtype=object)
    suppressed = _suppressed(groups[usable], customers[usable], limits)
    hidden = {one.group for one in suppressed}
    shown = usable & np.array([group not in hidden for group in groups], dtype=bool)
    frame = _frame(values[shown], groups[shown], outcome) if shown.any() else None
    return Table(
        outcome=outcome.name,
        unit=outcome.unit,
        better=outcome.better,
        figures=_figures(frame, values, groups, outcome, limits) if frame else (),
        suppressed=suppressed,
        overall=_number(frame.overall) if frame else None,
        difference=_number(frame.difference()) if frame else None,
        ratio=_number(frame.ratio()) if frame else None,
    )


def _suppressed(
    groups: NDArray[np.object_], customers: NDArray[np.object_], limits: Limits
) -> tuple[Suppressed, ...]:
    small = []
    for group in sorted(set(groups)):
        n = int(np.sum(groups == group))
        people = len(set(customers[groups == group]))
        if n < limits.smallest_group or people < limits.smallest_customers:
            small.append(Suppressed(str(group), count_band(n, limits.smallest_group)))
    return tuple(small)


def _frame(values: Floats, groups: NDArray[np.object_], outcome: Outcome) -> MetricFrame:
    metric = mean_prediction if outcome.unit == "share" else _median
    return MetricFrame(
        metrics=metric,
        # The outcome is what was done, not a guess at a truth: both sides are the same.
        y_true=values,
        y_pred=values,
        sensitive_features=groups,
    )


def _median(_truth: Floats, values: Floats) -> float:
    return float(np.median(values))


def _figures(
    frame: MetricFrame,
    values: Floats,
    groups: NDArray[np.object_],
    outcome: Outcome,
    limits: Limits,
) -> tuple[GroupFigure, ...]:
    shares = {group: float(share) for group, share in frame.by_group.items()}
    favourable = {
        group: share if outcome.better == "high" else 1 - share for group, share in shares.items()
    }
    best = max(favourable.values())
    figures = []
    for group, share in shares.items():
        mine = values[(groups == group) & ~np.isnan(values)]
        n = len(mine)
        if outcome.unit == "share":
            interval = wilson(share * n, n, confidence=limits.confidence)
            impact = favourable[group] / best if best > 0 else None
        else:
            interval, impact = median_interval(mine, confidence=limits.confidence), None
        figures.append(GroupFigure(str(group), n, share, interval, impact))
    return tuple(figures)


def _number(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return None if math.isnan(number) else number
