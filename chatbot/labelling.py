"""Sentences that people label, as the console shows them; training takes them from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

APPROVED, PENDING, REJECTED = "approved", "pending", "rejected"
AGENT_CORRECTION = "agent_correction"
"""Why a sentence is in the queue: an agent said what the customer wanted."""


@dataclass(frozen=True)
class LabelTask:
    id: str
    collection: str
    text: str
    """Redacted."""
    language: str
    """`en` or `zh`."""
    reason: str
    suggested: str
    created_at: datetime
    customer: str | None = None
    label: str | None = None
    reviewer: str | None = None
    state: str = PENDING
    decided_at: datetime | None = None


class LabelStore(Protocol):
    def list(
        self, collection: str, *, state: str | None = None, offset: int = 0, limit: int = 50
    ) -> list[LabelTask]:
        """Oldest first."""
        ...

    def count(self, collection: str, *, state: str | None = None) -> int: ...

    def correct(self, task: LabelTask) -> None:
        """Add it, or change the suggestion of one nobody has decided."""
        ...

    def decide(
        self, task_id: str, label: str | None, *, reviewer: str, at: datetime
    ) -> LabelTask | None:
        """None rejects; the last word counts. Gives None where there is no such sentence."""
        ...
