"""`id,question,answer[,title,url,language,tags,variants,valid_from,valid_until,audience]`, one
document a row.

Tags are separated by `;` or `,`, variants by ` | `. Columns may stand in any order; others are
passed over. The headers of other programs' exports are understood too (`table`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from knowledge_base.errors import DocumentInvalid
from knowledge_base.passages import Document
from knowledge_base.readers.fields import FieldInvalid
from knowledge_base.readers.source import Ids, Source
from knowledge_base.readers.table import columns_of, document_of
from knowledge_base.readers.text import read_text


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of line and document."""
    rows = _rows(source, read_text(source))
    line, header = next(rows, (1, []))
    ids = Ids(source)
    try:
        columns = columns_of(header)
        for line, row in rows:
            if len(row) != len(columns):
                raise FieldInvalid(f"{len(row)} cells where the header has {len(columns)}")
            yield line, document_of(dict(zip(columns, row, strict=True)), ids)
    except FieldInvalid as error:
        raise DocumentInvalid(source.path, line, str(error)) from None


def _rows(source: Source, text: str) -> Iterator[tuple[int, list[str]]]:
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
        raise DocumentInvalid(source.path, line, reason) from None
