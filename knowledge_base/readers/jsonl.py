"""One JSON object a line, with the fields of the CSV format; `tags` and `variants` are lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from knowledge_base.errors import DocumentInvalid
from knowledge_base.passages import Document
from knowledge_base.readers.fields import REQUIRED, FieldInvalid, document_from
from knowledge_base.readers.text import read_text

_FIELDS = (*REQUIRED, "title", "url", "language", "tags", "variants")


def read(path: Path) -> Iterator[tuple[int, Document]]:
    """Pairs of line and document."""
    # str.splitlines would also cut at U+2028, which may stand inside a JSON text.
    for line, text in enumerate(read_text(path).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            document = document_from(_cells(text))
        except FieldInvalid as error:
            raise DocumentInvalid(path, line, str(error)) from None
        yield line, document


def _cells(text: str) -> dict[str, str | list[str]]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise FieldInvalid("not valid JSON") from None
    if not isinstance(row, dict):
        raise FieldInvalid("not a JSON object")
    if missing := [name for name in REQUIRED if name not in row]:
        raise FieldInvalid(f"the object lacks {', '.join(missing)}")
    return {name: _cell(name, row[name]) for name in _FIELDS if row.get(name) is not None}


def _cell(name: str, value: object) -> str | list[str]:
    if isinstance(value, str):
        return value
    if name == "id" and type(value) is int:
        return str(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    raise FieldInvalid(f"{name} is neither text nor a list of texts")
