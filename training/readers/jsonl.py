"""One object a line: `{"text": …, "intent": …[, "language": …]}`; other fields are passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from training.readers.faults import Fault
from training.readers.json_text import parse
from training.readers.rows import Draft
from training.readers.source import Source

_FIELDS = ("text", "intent", "language")


def read(sources: Sequence[Source]) -> Iterator[Draft]:
    for source in sources:
        # str.splitlines would also cut at U+2028, which may stand inside a JSON text.
        for line, text in enumerate(source.text().split("\n"), start=1):
            if text.strip():
                yield _draft(source, line, parse(source, text, line=line))


def _draft(source: Source, line: int, row: Any) -> Draft:
    if not isinstance(row, dict) or not {"text", "intent"} <= row.keys():
        raise Fault.NOT_OBJECT.at(source.path, line=line)
    cells = {name: "" if row.get(name) is None else row[name] for name in _FIELDS}
    for name, cell in cells.items():
        if not isinstance(cell, str):
            raise Fault.NOT_TEXT.at(source.path, line=line, name=name)
    return Draft(source, line, cells["text"], cells["intent"], cells["language"])
