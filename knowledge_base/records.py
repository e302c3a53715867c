"""Documents and passages as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from knowledge_base.passages import Document, Passage

# Left out while empty: what was stored before they existed keeps its bytes, hence its hash.
_WHERE_SET = ("position", "valid_from", "valid_until", "audience")


def dump_lines(items: Iterable[Document | Passage]) -> bytes:
    """UTF-8, one object a line, keys in the order of the fields."""
    return "".join(f"{json.dumps(_row(item), ensure_ascii=False)}\n" for item in items).encode()


def load_documents(data: bytes) -> list[Document]:
    """Reads what `dump_lines` wrote; anything else is a ValueError, KeyError or TypeError."""
    return [
        Document(**{**row, "tags": tuple(row["tags"]), "variants": tuple(row["variants"])})
        for row in _rows(data)
    ]


def load_passages(data: bytes) -> list[Passage]:
    """Reads what `dump_lines` wrote; anything else is a ValueError, KeyError or TypeError."""
    return [
        Passage(**{**row, "questions": tuple(row["questions"]), "tags": tuple(row["tags"])})
        for row in _rows(data)
    ]


def _row(item: Document | Passage) -> dict[str, Any]:
    return {k: value for k, value in asdict(item).items() if value or k not in _WHERE_SET}


def _rows(data: bytes) -> list[dict[str, Any]]:
    # str.splitlines would also cut at U+2028 and the like, which JSON leaves unescaped.
    return [json.loads(line) for line in data.decode().split("\n") if line]
