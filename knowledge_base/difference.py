"""What differs between two versions of a document, or between two states of a collection."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from enum import StrEnum

from knowledge_base.han import HAN
from knowledge_base.passages import Document

_TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+|\s+|.", re.DOTALL)
_WORDS_AT_MOST = 20_000
"""Longer texts are compared line by line: the time grows with the square of the tokens."""


class Fate(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    fate: Fate
    text: str


@dataclass(frozen=True)
class FieldChange:
    field: str
    pieces: tuple[Piece, ...]
    """What is the same or gone is the text before, what is the same or new the text after."""


@dataclass(frozen=True)
class DocumentChange:
    id: str
    added: bool
    removed: bool
    fields: tuple[FieldChange, ...]


def differing(
    before: Mapping[str, Document], after: Mapping[str, Document]
) -> list[DocumentChange]:
    """By id, in the order of `before`; new ones at the end."""
    return [
        DocumentChange(one, one not in before, one not in after, changes)
        for one in dict.fromkeys([*before, *after])
        if (changes := changed_fields(before.get(one), after.get(one)))
    ]


def changed_fields(before: Document | None, after: Document | None) -> tuple[FieldChange, ...]:
    """In the order of the fields; lists are compared with one item a line."""
    names = [field.name for field in fields(Document) if field.name != "id"]
    texts = ((name, _text(before, name), _text(after, name)) for name in names)
    return tuple(FieldChange(name, word_diff(old, new)) for name, old, new in texts if old != new)


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Whole words of alphabets and numbers, and Han characters one by one."""
    old, new = _tokens(before), _tokens(after)
    if max(len(old), len(new)) > _WORDS_AT_MOST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        gone, came = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            pieces.append(Piece(Fate.SAME, gone))
            continue
        pieces += [Piece(Fate.GONE, gone)] if gone else []
        pieces += [Piece(Fate.NEW, came)] if came else []
    return tuple(pieces)


def _tokens(text: str) -> Sequence[str]:
    return _TOKEN.findall(text)


def _text(document: Document | None, name: str) -> str:
    if document is None:
        return ""
    value = getattr(document, name)
    return value if isinstance(value, str) else "\n".join(value)
