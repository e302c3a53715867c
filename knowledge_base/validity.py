"""Whether a document may answer on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from knowledge_base.passages import PUBLISHED, Document


class State(StrEnum):
    PUBLISHED = "published"
    """It answers, once the index is built."""
    DRAFT = "draft"
    WAITING = "waiting"
    """Published, but its first day is still to come."""
    EXPIRED = "expired"
    """Published, but its last day is over."""
    DELETED = "deleted"
    """Only the history still has it."""


def state_on(document: Document, day: date) -> State:
    """Both its first and its last day count as valid. Never `DELETED`."""
    # Days are written as in ISO 8601, which sort as they follow each other.
    today = day.isoformat()
    if document.status != PUBLISHED:
        return State.DRAFT
    if document.valid_until and document.valid_until < today:
        return State.EXPIRED
    if document.valid_from > today:
        return State.WAITING
    return State.PUBLISHED


def serving_on(documents: Iterable[Document], day: date) -> list[Document]:
    return [document for document in documents if state_on(document, day) is State.PUBLISHED]


def turned_between(documents: Iterable[Document], earlier: date, later: date) -> bool:
    """Whether time alone changed which of them may answer."""
    return any(
        (state_on(document, earlier) is State.PUBLISHED)
        != (state_on(document, later) is State.PUBLISHED)
        for document in documents
    )
