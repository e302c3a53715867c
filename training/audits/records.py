"""The part of a conversation that an audit may look at: no words, only what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chatbot.conversation import Language
from training.audits.errors import RecordInvalid

SHARES = ("refused", "clarified", "failed", "out_of_scope")


@dataclass(frozen=True)
class ConversationRecord:
    """One finished conversation. Shares are of its customer turns, in [0, 1].

    Raises RecordInvalid.
    """

    id: str
    customer: str
    """Pseudonymous reference: tells which conversations belong to one person, nothing else."""
    language: Language | None
    """None where no message had a word to tell it by."""
    channel: str | None
    started_at: datetime
    turns: int
    handed_off: bool
    refused: float = 0.0
    clarified: float = 0.0
    failed: float = 0.0
    """Answered with an apology because something inside broke."""
    out_of_scope: float = 0.0
    helpful: bool | None = None
    """None where the customer did not say."""
    first_latency_ms: float | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    """What the customer chose to tell for audits, by attribute; nothing for all who did not."""

    def __post_init__(self) -> None:
        if self.turns < 1:
            raise RecordInvalid("turns", self.turns, "a conversation has at least one")
        for name in SHARES:
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise RecordInvalid(name, value, "a share lies between 0 and 1")
        latency = self.first_latency_ms
        if latency is not None and not 0.0 <= latency < float("inf"):
            raise RecordInvalid("first_latency_ms", latency, "no time is negative or endless")
        if self.started_at.tzinfo is None:
            raise RecordInvalid("started_at", self.started_at, "the time zone is missing")


@dataclass(frozen=True)
class Period:
    """Conversations that started at or after `since` and before `until`."""

    since: datetime
    until: datetime

    def holds(self, record: ConversationRecord) -> bool:
        return self.since <= record.started_at < self.until
