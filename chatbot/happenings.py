"""What happened in conversations, as browsers are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Event:
    sequence: int
    """Grows; a browser that comes back says which one it heard last."""
    conversation_id: str
    kind: str
    """`message` or `state`."""
    data: Mapping[str, Any]
    """Identifiers only."""
    created_at: datetime


class EventStore(Protocol):
    def newest(self) -> int:
        """0 before the first event."""
        ...

    def since(self, after: int, *, limit: int = 1000) -> list[Event]:
        """In the order of their sequence."""
        ...

    def of(self, conversation_id: str, *, after: int, now: datetime) -> list[Event]:
        """What came after that number, and late messages before it: those may be known already."""
        ...
