"""DOCX, XLSX and ZIP files for the tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

import docx
from openpyxl import Workbook

Cell = str | int | float | date | None
Block = tuple[str, str] | Sequence[Sequence[str]]
"""A style with its text, or a table."""


def docx_file(blocks: Sequence[Block], *, title: str = "", keywords: str = "") -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.keywords = keywords
    for block in blocks:
        if isinstance(block, tuple) and isinstance(block[0], str):
            document.add_paragraph(str(block[1]), style=block[0])
            continue
        table = document.add_table(rows=len(block), cols=len(block[0]))
        for row, texts in zip(table.rows, block, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    return _bytes(document)


def xlsx_file(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return _bytes(book)


def zip_file(members: Mapping[str, bytes | str], *, packed: bool = True) -> bytes:
    stream = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def with_parts(package: bytes, parts: Mapping[str, bytes | str]) -> bytes:
    """The same package with parts added or replaced."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    return zip_file({**members, **parts})


def part(package: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name).decode()


def _bytes(item: docx.document.Document | Workbook) -> bytes:
    stream = io.BytesIO()
    item.save(stream)
    return stream.getvalue()
