"""What a passage can be asked for by, as whole numbers: a filter never holds anyone's text."""

from __future__ import annotations

from enum import StrEnum

from chatbot.adapters.milvus_server import key_of
from knowledge_base.passages import Document, Filter


class Mark(StrEnum):
    TAG = "tag"
    LANGUAGE = "language"
    AUDIENCE = "audience"


def mark_of(kind: Mark, value: str) -> int:
    return key_of(f"{kind}\0{value}")


def marks_of(document: Document) -> list[int]:
    return [
        *(mark_of(Mark.TAG, tag) for tag in document.tags),
        mark_of(Mark.LANGUAGE, document.language),
        mark_of(Mark.AUDIENCE, document.audience),
    ]


def filter_of(only: Filter | None, *, tag: str | None = None) -> str:
    """As Milvus reads it: what `only` admits and, if one is given, what has the tag."""
    parts = []
    if tag is not None:
        parts.append(_any_of([mark_of(Mark.TAG, tag)]))
    if only is not None and only.language:
        parts.append(_any_of([mark_of(Mark.LANGUAGE, only.language)]))
    if only is not None and only.tags:
        parts.append(_any_of([mark_of(Mark.TAG, one) for one in sorted(only.tags)]))
    if only is not None and only.audience:
        parts.append(_any_of([mark_of(Mark.AUDIENCE, one) for one in ("", only.audience)]))
    return " and ".join(parts)


def _any_of(marks: list[int]) -> str:
    return f"array_contains_any(marks, {marks})"
