"""What is compared between groups, and the groups that are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.audits.records import ConversationRecord

Unit = Literal["share", "ms"]


@dataclass(frozen=True)
class Outcome:
    name: str
    value: Callable[[ConversationRecord], float | None]
    """None where the conversation says nothing about it."""
    better: Literal["high", "low"]
    unit: Unit = "share"

    @property
    def flagged(self) -> bool:
        """Only shares have a practical minimum in percentage points to be flagged against."""
        return self.unit == "share"

    def column(self, records: Sequence[ConversationRecord]) -> NDArray[np.float64]:
        """(n,) float64, NaN for None."""
        values = [self.value(record) for record in records]
        return np.array([np.nan if value is None else value for value in values], dtype=float)


OUTCOMES = (
    Outcome("handed_off", lambda record: float(record.handed_off), "low"),
    Outcome("refused", lambda record: record.refused, "low"),
    Outcome("failed", lambda record: record.failed, "low"),
    Outcome("clarified", lambda record: record.clarified, "low"),
    Outcome("out_of_scope", lambda record: record.out_of_scope, "low"),
    Outcome(
        "helpful", lambda record: None if record.helpful is None else float(record.helpful), "high"
    ),
    Outcome("first_latency_ms", lambda record: record.first_latency_ms, "low", "ms"),
)


@dataclass(frozen=True)
class Dimension:
    name: str
    group: Callable[[ConversationRecord], str | None]


DIMENSIONS = (
    Dimension("language", lambda record: record.language and record.language.value),
    Dimension("channel", lambda record: record.channel),
)
"""What every conversation has."""


def dimensions_with(attributes: Iterable[str]) -> tuple[Dimension, ...]:
    """Beside those, what customers may tell: a dimension for each attribute."""
    return (*DIMENSIONS, *(Dimension(name, _told(name)) for name in attributes))


def _told(name: str) -> Callable[[ConversationRecord], str | None]:
    return lambda record: record.groups.get(name)
