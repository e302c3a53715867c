"""Texts with the personal data marked in them, one JSON object a line, offsets in code points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.errors import FileInvalid
from privacy.agent_mask import agent_mask
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


def marked_line(marked: MarkedText, *, masks: bool = False) -> str:
    spans = [_told(span) for span in marked.spans]
    if masks:
        for told, span in zip(spans, marked.spans, strict=True):
            told["mask"] = agent_mask(span.type, marked.text[span.start : span.end])
    row = {"id": marked.id, "text": marked.text, "spans": spans}
    return json.dumps(row, ensure_ascii=False)


def _told(span: Span) -> dict[str, Any]:
    """What a recogniser found carries its name, score and reason; what people marked does not."""
    told: dict[str, Any] = {"start": span.start, "end": span.end, "type": span.type}
    if span.recognizer:
        told |= {"recognizer": span.recognizer, "score": span.score, "reason": span.reason}
    return told


def write_marked(path: Path, rows: Iterable[MarkedText], *, masks: bool = False) -> None:
    """`masks` adds to each span what an agent would see of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A lone surrogate in a text is written as it is escaped in JSON, not a reason to stop.
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(f"{marked_line(row, masks=masks)}\n" for row in rows)


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
