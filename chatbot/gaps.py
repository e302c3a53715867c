"""Questions of customers that no article answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from knowledge_base.passages import Hit

_SLUG_DIGITS = 10


class Why(StrEnum):
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    """To a person, after failing again and again."""
    THUMBS_DOWN = "thumbs_down"


@dataclass(frozen=True)
class Unanswered:
    message_id: str
    text: str
    """Redacted."""
    language: str
    """`en` or `zh`."""
    at: datetime
    why: Why


class UnansweredLog(Protocol):
    def unanswered(self, collection: str, *, since: datetime) -> Iterator[Unanswered]:
        """In any order; not of customers who object to being learned from."""
        ...


@dataclass(frozen=True)
class Gap:
    title: str
    """The most central question."""
    language: str
    """The title's."""
    count: int
    languages: dict[str, int]
    last_seen: datetime
    examples: tuple[str, ...]
    """Others than the title, as far from each other as they come."""
    nearest: Hit | None
    """The article that comes closest, on the path of a turn."""

    @property
    def slug(self) -> str:
        """An id for the article that will answer; the same for the same title."""
        digest = hashlib.sha256(self.title.encode()).hexdigest()
        return f"gap-{digest[:_SLUG_DIGITS]}"
