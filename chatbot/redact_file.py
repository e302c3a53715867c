"""Personal data out of a file of texts, row by row."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from chatbot.errors import FileInvalid
from privacy.agent_mask import agent_mask
from privacy.pseudonyms import Pseudonyms
from privacy.redaction import Redactor, detect, rewritten


class Style(StrEnum):
    PLACEHOLDER = "placeholder"
    MASK = "mask"
    SURROGATE = "surrogate"


@dataclass(frozen=True)
class Redacted:
    rows: int
    found: int


Progress = Callable[[int, int], None]
"""Bytes read, bytes of the file."""


def redact_file(
    source: Path,
    target: Path,
    *,
    fields: Sequence[str] = ("text",),
    style: Style = Style.PLACEHOLDER,
    secret: bytes | None = None,
    progress: Progress = lambda read, size: None,
) -> Redacted:
    """The rows of `source` in `target`, personal data in `fields` replaced and all else as it was.

    Placeholders count anew in each row. Offsets that a row keeps in other fields are those of its
    old text. `target` appears when it is complete, readable by its owner alone: what recognisers
    miss is still in it. Surrogates need a `secret`. Raises FileInvalid.
    """
    if style is Style.SURROGATE and secret is None:
        raise ValueError("surrogates need a secret key")
    pseudonyms = Pseudonyms(secret) if secret is not None else None
    rows = found = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            for number, row in _rows(source, progress):
                pen = Pen(style, pseudonyms)
                for field in fields:
                    if field not in row:
                        reason = f'there is no field "{field}": name the fields with --field'
                        raise FileInvalid(source, reason, line=number)
                    row[field] = pen.replace(row[field], source, number, field)
                # A lone surrogate in a text is written as it is escaped in JSON.
                line = json.dumps(row, ensure_ascii=False)
                out.write(line.encode("utf-8", "backslashreplace") + b"\n")
                rows, found = rows + 1, found + pen.found
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return Redacted(rows, found)


def _rows(source: Path, progress: Progress) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        file = source.open("rb")
    except FileNotFoundError:
        raise FileInvalid(source, "there is no such file") from None
    with file:
        yield from _parsed(source, file, progress)


def _parsed(
    source: Path, file: BinaryIO, progress: Progress
) -> Iterator[tuple[int, dict[str, Any]]]:
    size, read = source.stat().st_size, 0
    for number, line in enumerate(file, start=1):
        read += len(line)
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if text.strip():
            try:
                row = json.loads(text)
            except UnicodeDecodeError:
                raise FileInvalid(source, "the line is not UTF-8", line=number) from None
            except (ValueError, RecursionError):
                raise FileInvalid(source, "not a JSON object", line=number) from None
            if not isinstance(row, dict):
                raise FileInvalid(source, "not a JSON object", line=number)
            yield number, row
        progress(read, size)


class Pen:
    """Writes one row in one style: the same value gets the same placeholder in all of its texts."""

    def __init__(self, style: Style, pseudonyms: Pseudonyms | None = None) -> None:
        self._redactor = Redactor() if style is Style.PLACEHOLDER else None
        self._new = pseudonyms.surrogate if pseudonyms is not None else agent_mask
        self.found = 0

    def replace(self, value: object, source: Path, number: int, field: str) -> str | list[str]:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return [self.text(each) for each in value]
        reason = f'the field "{field}" is neither a text nor a list of texts'
        raise FileInvalid(source, reason, line=number)

    def text(self, text: str) -> str:
        if self._redactor is not None:
            redaction = self._redactor.redact(text)
            self.found += len(redaction.spans)
            return redaction.text
        spans = detect(text)
        self.found += len(spans)
        return rewritten(text, spans, self._new)
