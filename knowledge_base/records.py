"""Documents and passages as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from knowledge_base.passages import PUBLISHED, Document, Passage

# Left out while they say this: what was stored before they existed keeps its bytes, hence its hash.
_UNSAID = {
    "position": "",
    "valid_from": "",
    "valid_until": "",
    "audience": "",
    "status": PUBLISHED,
}


def dump_lines(items: Iterable[Document | Passage]) -> bytes:
    """UTF-8, one object a line, keys in the order of the fields."""
    return b"".join(map(dump_line, items))


def dump_line(item: Document | Passage) -> bytes:
    return f"{json.dumps(as_row(item), ensure_ascii=False)}\n".encode()


def load_documents(data: bytes) -> list[Document]:
    """Reads what `dump_lines` wrote; anything else is a ValueError, KeyError or TypeError."""
    return [load_document(line) for line in _lines(data)]


def load_passages(data: bytes) -> list[Passage]:
    """Reads what `dump_lines` wrote; anything else is a ValueError, KeyError or TypeError."""
    return [load_passage(line) for line in _lines(data)]


def load_document(line: bytes) -> Document:
    return document_of(json.loads(line.decode()))


def load_passage(line: bytes) -> Passage:
    row = json.loads(line.decode())
    return Passage(**{**row, "questions": tuple(row["questions"]), "tags": tuple(row["tags"])})


def as_row(item: Document | Passage) -> dict[str, Any]:
    """Of JSON's types, keys in the order of the fields."""
    row = {field.name: getattr(item, field.name) for field in fields(item)}
    return {k: value for k, value in row.items() if value != _UNSAID.get(k)}


def document_of(row: Mapping[str, Any]) -> Document:
    """From what `as_row` made; anything else is a KeyError or TypeError."""
    return Document(**{**row, "tags": tuple(row["tags"]), "variants": tuple(row["variants"])})


def _lines(data: bytes) -> list[bytes]:
    # bytes.splitlines would also cut at a carriage return, which JSON may hold between values.
    return [line for line in data.split(b"\n") if line]
