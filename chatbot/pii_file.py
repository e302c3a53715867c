"""Texts with the personal data marked in them, one JSON object a line, offsets in code points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.errors import FileInvalid
from privacy.entities import Span


@dataclass(frozen=True)
class MarkedText:
    id: str
    text: str
    spans: tuple[Span, ...] = ()


def read_marked(path: Path) -> list[MarkedText]:
    """Lines `{"id","text"[,"spans":[{"start","end","type"}]]}`. Raises FileInvalid."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise FileInvalid(path, "there is no such file") from None
    except UnicodeDecodeError:
        raise FileInvalid(path, "the file is not UTF-8") from None
    return [
        _parse(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()
    ]


def marked_line(marked: MarkedText) -> str:
    spans = [{"start": one.start, "end": one.end, "type": one.type} for one in marked.spans]
    row = {"id": marked.id, "text": marked.text, "spans": spans}
    return json.dumps(row, ensure_ascii=False)


def write_marked(path: Path, rows: Iterable[MarkedText]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A lone surrogate in a text is written as it is escaped in JSON, not a reason to stop.
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(f"{marked_line(row)}\n" for row in rows)


def _parse(path: Path, number: int, line: str) -> MarkedText:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise FileInvalid(path, "not a JSON object", line=number) from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise FileInvalid(path, 'expected {"id", "text"}', line=number)
    spans = row.get("spans", [])
    try:
        marked = tuple(sorted(_span(span, len(row["text"])) for span in spans))
    except (KeyError, TypeError, ValueError):
        reason = 'each span needs "start" < "end" within the text and a "type"'
        raise FileInvalid(path, reason, line=number) from None
    return MarkedText(str(row.get("id", number)), row["text"], marked)


def _span(row: Mapping[str, Any], length: int) -> Span:
    start, end = row["start"], row["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length):
        raise ValueError
    if not isinstance(row["type"], str):
        raise TypeError
    return Span(start, end, row["type"])
