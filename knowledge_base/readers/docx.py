"""Word documents: headings make sections, tables become rows of text `a | b`.

A table under the header question and answer becomes documents of its own. Headers, footers,
notes and what was deleted with tracked changes are left out. Weakness: text in drawn boxes is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx import Document as open_docx
from docx.oxml.ns import qn

from knowledge_base.passages import Document
from knowledge_base.readers.fields import FieldInvalid
from knowledge_base.readers.office import checked_package
from knowledge_base.readers.sections import About, Outline, documents_of
from knowledge_base.readers.source import Ids, Source
from knowledge_base.readers.table import columns_of, document_of, has_questions
from knowledge_base.readers.text import printable

_DEEPEST = 3
"""Headings below it are lines of the section above."""
_TITLE = re.compile(r"(?i)title|标题")
_HEADING = re.compile(r"(?i)(?:heading|标题)\s*([1-9])")

_SPACES = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_LEFT_OUT = {
    qn(name) for name in ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:drawing", "w:pict")
} | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"}
_PARAGRAPH, _TABLE, _TEXT = qn("w:p"), qn("w:tbl"), qn("w:t")

# Elements are lxml's, which has no types.
_Element = Any


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of 0 and document."""
    opened = open_docx(checked_package(source, main="word/document.xml"))
    properties = opened.core_properties
    levels = _levels(opened.styles)
    outline = Outline()
    tables: list[list[list[str]]] = []
    title = ""
    for block in _blocks(opened.element.body):
        if block.tag == _TABLE:
            rows = _rows(block)
            if rows and has_questions(rows[0]):
                tables.append(rows)
            else:
                outline.write("\n".join(" | ".join(row) for row in rows))
                outline.write("")
            continue
        text = _text(block).strip()
        level = _level(block, levels)
        if level == 0 and text and not title:
            title = " ".join(text.split())
        elif level is not None and 1 <= level <= _DEEPEST:
            outline.head(level, " ".join(text.split()))
        elif text:
            outline.write(f"- {text}" if _is_item(block) and level is None else text)
            outline.write("")
    about = About(title=title or properties.title or "", tags=properties.keywords or "")
    asked = [found for rows in tables for found in _questions(source, rows, about)]
    yield from asked
    sections = outline.finish()
    if sections or not asked:
        yield from documents_of(source, about, sections)


def _questions(
    source: Source, rows: list[list[str]], about: About
) -> Iterator[tuple[int, Document]]:
    columns = columns_of(rows[0])
    ids = Ids(source)
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(columns, row, strict=False))
        if not any(cells.values()):
            continue
        try:
            yield 0, document_of(cells, ids, title=printable(about.title))
        except FieldInvalid as error:
            raise source.refusal(f"row {number} of its table: {error}") from None


def _levels(styles: Any) -> dict[str, int]:
    """Of each style that makes a heading: 0 for the title, else its level."""
    found: dict[str, int] = {}
    for style in styles:
        name = style.name or ""
        if heading := _HEADING.fullmatch(name):
            found[style.style_id] = int(heading[1])
        elif _TITLE.fullmatch(name):
            found[style.style_id] = 0
    # A company's own style counts as the one that it is based on.
    for style in styles:
        based = style.element.basedOn_val
        if style.style_id not in found and based in found:
            found[style.style_id] = found[based]
    return found


def _level(paragraph: _Element, levels: dict[str, int]) -> int | None:
    properties = paragraph.pPr
    if properties is None:
        return None
    outline = properties.find(qn("w:outlineLvl"))
    if outline is not None and (outline.get(qn("w:val")) or "").isdigit():
        level = int(outline.get(qn("w:val"))) + 1
        return level if level <= 9 else None
    return levels.get(properties.style or "")


def _is_item(paragraph: _Element) -> bool:
    properties = paragraph.pPr
    if properties is None:
        return False
    return properties.numPr is not None or (properties.style or "").startswith("List")


def _blocks(parent: _Element) -> Iterator[_Element]:
    """Paragraphs and tables in order, also those inside content controls."""
    for child in parent:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag not in _LEFT_OUT:
            yield from _blocks(child)


def _rows(table: _Element) -> list[list[str]]:
    """Cells in one line each; a table inside a cell is part of its text."""
    rows = []
    for row in table.iter(qn("w:tr")):
        if next(row.iterancestors(_TABLE)) is not table:
            continue
        cells = [
            " ".join(" ".join(_text(p) for p in cell.iter(_PARAGRAPH)).split())
            for cell in row.iter(qn("w:tc"))
            if next(cell.iterancestors(_TABLE)) is table
        ]
        if any(cells):
            rows.append(cells)
    return rows


def _text(element: _Element) -> str:
    """With what was inserted by tracked changes, without what was deleted."""
    if element.tag == _TEXT:
        return element.text or ""
    if element.tag in _LEFT_OUT:
        return ""
    return _SPACES.get(element.tag, "") + "".join(map(_text, element))
