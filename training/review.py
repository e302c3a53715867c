"""Sentences that people label: the queue, and its way out to a spreadsheet and back."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from training.errors import ReviewItemUnknown


class ReviewState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class ReviewItem:
    id: str
    text: str
    """Redacted."""
    language: str
    """`en` or `zh`."""
    reason: str
    """Why a person should look at it: a word of `training.selection.Reason`, or `by_hand`."""
    suggested: str = ""
    """The intent that seems likely; empty where nothing does."""
    label: str | None = None
    reviewer: str | None = None
    decided_at: datetime | None = None
    state: ReviewState = ReviewState.PENDING

    def decided(self, label: str | None, *, reviewer: str, at: datetime) -> ReviewItem:
        """None rejects: the sentence teaches nothing."""
        state = ReviewState.REJECTED if label is None else ReviewState.APPROVED
        return replace(self, label=label, reviewer=reviewer, decided_at=at, state=state)


class ReviewQueue(Protocol):
    """The sentences of one collection.

    An implementation leaves out of `approved_since` what its customer has withdrawn consent for.
    """

    def add(self, items: Iterable[ReviewItem]) -> int:
        """How many were new; an item whose id is known stays as it is."""
        ...

    def list(
        self, state: ReviewState | None = None, *, limit: int | None = None
    ) -> tuple[ReviewItem, ...]:
        """In the order in which they were added."""
        ...

    def decide(self, item_id: str, label: str | None, *, reviewer: str, at: datetime) -> ReviewItem:
        """None rejects; a later decision replaces the earlier. Raises ReviewItemUnknown."""
        ...

    def approved_since(self, moment: datetime | None) -> tuple[ReviewItem, ...]:
        """Decided at or after `moment`, oldest decision first; None: all."""
        ...


class MemoryReviewQueue:
    """Forgets everything with the process."""

    def __init__(self, items: Iterable[ReviewItem] = ()) -> None:
        self._items = {item.id: item for item in items}
        self._lock = threading.Lock()

    def add(self, items: Iterable[ReviewItem]) -> int:
        with self._lock:
            before = len(self._items)
            for item in items:
                self._items.setdefault(item.id, item)
            return len(self._items) - before

    def list(
        self, state: ReviewState | None = None, *, limit: int | None = None
    ) -> tuple[ReviewItem, ...]:
        items = tuple(self._items.values())
        return tuple(item for item in items if state in (None, item.state))[:limit]

    def decide(self, item_id: str, label: str | None, *, reviewer: str, at: datetime) -> ReviewItem:
        with self._lock:
            item = self._items.get(item_id)
            if item is None:
                raise ReviewItemUnknown(item_id)
            decided = item.decided(label, reviewer=reviewer, at=at)
            self._items[item_id] = decided
            return decided

    def approved_since(self, moment: datetime | None) -> tuple[ReviewItem, ...]:
        decided = [
            (item.decided_at, item)
            for item in self.list(ReviewState.APPROVED)
            if item.decided_at is not None and (moment is None or item.decided_at >= moment)
        ]
        return tuple(item for _, item in sorted(decided, key=lambda pair: pair[0]))
