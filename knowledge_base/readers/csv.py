"""`id,question,answer[,title,url,language,tags,variants]`, one document a row.

Tags are separated by `;` or `,`, variants by ` | `. Columns may stand in any order; others are
passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from knowledge_base.errors import DocumentInvalid
from knowledge_base.passages import Document
from knowledge_base.readers.fields import REQUIRED, FieldInvalid, document_from
from knowledge_base.readers.text import read_text


def read(path: Path) -> Iterator[tuple[int, Document]]:
    """Pairs of line and document."""
    rows = _rows(path, read_text(path))
    line, header = next(rows, (1, []))
    columns = [name.strip().lower() for name in header]
    _check_columns(path, line, columns)
    for line, row in rows:
        if len(row) != len(columns):
            reason = f"{len(row)} cells where the header has {len(columns)}"
            raise DocumentInvalid(path, line, reason)
        try:
            document = document_from(dict(zip(columns, row, strict=True)))
        except FieldInvalid as error:
            raise DocumentInvalid(path, line, str(error)) from None
        yield line, document


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        reason = f"broken quoting or a cell too long ({error})"
        raise DocumentInvalid(path, line, reason) from None


def _check_columns(path: Path, line: int, columns: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise DocumentInvalid(path, line, f"the header lacks {', '.join(missing)}")
    named = [name for name in columns if name]
    if len(set(named)) < len(named):
        raise DocumentInvalid(path, line, "the header names a column twice")
