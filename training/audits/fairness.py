"""The fairness part of an audit: tables by group and the comparisons made from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.audits.flags import Comparison, compare
from training.audits.metrics import DimensionReport, Limits, measure
from training.audits.outcomes import dimensions_with
from training.audits.records import ConversationRecord


@dataclass(frozen=True)
class FairnessResult:
    conversations: int
    customers: int
    limits: Limits
    dimensions: tuple[DimensionReport, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def flags(self) -> tuple[Comparison, ...]:
        return tuple(comparison for comparison in self.comparisons if comparison.flagged)


def measure_fairness(
    records: Sequence[ConversationRecord],
    *,
    limits: Limits | None = None,
    attributes: Iterable[str] = (),
) -> FairnessResult:
    """By language, channel and each of the `attributes` that customers may tell.

    Same records, same limits: same figures, for the resampling is seeded."""
    limits = limits or Limits()
    compared = dimensions_with(attributes)
    reports = measure(records, limits=limits, dimensions=compared)
    return FairnessResult(
        conversations=len(records),
        customers=len({record.customer for record in records}),
        limits=limits,
        dimensions=tuple(reports),
        comparisons=compare(records, reports, limits=limits, dimensions=compared),
    )
