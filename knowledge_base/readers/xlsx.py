"""Workbooks: questions and answers under a header, else each row of a sheet is a document.

Sheets that are hidden are left out. A formula stands for the value that the spreadsheet program
stored with it. Weakness: of number formats only per cent and days are followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time
from itertools import chain
from typing import IO, Any
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from knowledge_base.han import has_han
from knowledge_base.passages import Document
from knowledge_base.readers.fields import FieldInvalid, document_from
from knowledge_base.readers.limits import COLUMNS, ROWS
from knowledge_base.readers.office import checked_package
from knowledge_base.readers.source import Ids, Source, digest
from knowledge_base.readers.table import columns_of, document_of, has_questions
from knowledge_base.readers.text import printable

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")

_Row = tuple[int, list[str]]


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of row and document."""
    package = checked_package(source, main="xl/workbook.xml")
    if _has_formulas(package):
        _check_results(source, package)
    ids = Ids(source)
    empty = True
    with closing(_open(package, results=True)) as book:
        for sheet in _visible(book):
            for found in _documents(source, sheet, ids):
                empty = False
                yield found
    if empty:
        raise source.refusal("holds no rows under a header")


def _has_formulas(package: IO[bytes]) -> bool:
    with ZipFile(package) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return any(_FORMULA.search(parts.read(name)) for name in sheets)


def _check_results(source: Source, package: IO[bytes]) -> None:
    """The library gives either formulas or results: a cell with only the first has none stored."""
    with (
        closing(_open(package, results=True)) as results,
        closing(_open(package, results=False)) as formulas,
    ):
        for sheet in _visible(results):
            pairs = zip(_lines(sheet), _lines(formulas[sheet.title]), strict=True)
            for line, (row, written) in enumerate(pairs, start=1):
                for cell, formula in zip(row, written, strict=True):
                    if cell.value is None and formula.data_type == "f":
                        place = f"cell {get_column_letter(formula.column)}{line}"
                        raise source.refusal(
                            f"{place} of sheet {sheet.title!r} is a formula without a result; "
                            "open and save the file in a spreadsheet program, or paste values"
                        )


def _open(package: IO[bytes], *, results: bool) -> Any:
    return load_workbook(package, read_only=True, data_only=results, keep_links=False)


def _visible(book: Any) -> list[Any]:
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _documents(source: Source, sheet: Any, ids: Ids) -> Iterator[tuple[int, Document]]:
    rows = _rows(source, sheet)
    line, header = next(rows, (0, []))
    title = printable(str(sheet.title))
    asked = has_questions(header)
    try:
        columns = columns_of(header) if asked else header
        for line, cells in rows:
            if asked:
                known = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
                document = document_of(known, ids, title=title)
                yield line, replace(document, position=_position(title, line))
            else:
                yield line, _record(title, line, header, cells, ids)
    except FieldInvalid as error:
        raise source.refusal(f"sheet {title!r}, row {line}: {error}") from None


def _record(
    title: str, line: int, header: Sequence[str], cells: Sequence[str], ids: Ids
) -> Document:
    """A row of any other table: its first cell names it, each cell is a line `column: value`."""
    named = [(name, cell) for name, cell in zip(header, cells, strict=True) if cell]
    first = named[0][1].split("\n")[0]
    return document_from(
        {
            "id": ids.new(digest(f"{title}\n{first}")),
            "question": first,
            "answer": "\n".join(f"{name}: {cell}" if name else cell for name, cell in named),
            "title": title,
            "position": _position(title, line),
        }
    )


def _position(title: str, line: int) -> str:
    return f"{title} › " + (f"第 {line} 行" if has_han(title) else f"row {line}")


def _rows(source: Source, sheet: Any) -> Iterator[_Row]:
    """Rows that are not blank, each with its number, all as wide as the first of them."""
    wide = 0
    count = 0
    for line, row in enumerate(_lines(sheet), start=1):
        cells = [_text(cell) for cell in row]
        if not any(cells):
            continue
        count += 1
        last = max(column for column, text in enumerate(cells, start=1) if text)
        if count > ROWS or last > COLUMNS:
            raise source.refusal(f"has more than {ROWS:,} rows or {COLUMNS} columns; split it")
        wide = wide or last
        if last > wide:
            raise source.refusal(f"sheet {sheet.title!r}, row {line}: a cell outside the header")
        yield line, list(chain(cells, [""] * wide))[:wide]


def _lines(sheet: Any) -> Iterator[Any]:
    # What the file says of its size may be wrong: it would cut rows off, or pad them.
    sheet.reset_dimensions()
    return iter(sheet.iter_rows())


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        percent = (cell.number_format or "").endswith("%")
        return f"{value * 100:.10g}%" if percent else f"{value:.15g}"
    return printable(str(value)).strip()
