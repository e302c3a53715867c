"""PDF: each page that holds text is a document, asked by the chapter that it lies in.

The chapter comes from the file's outline, else from a short first line. Lines that repeat at the
head or foot of most pages are dropped, and lines of a paragraph are joined. Weakness: a sentence
that runs over the end of a page is cut there; tables lose their columns.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pypdf import PageObject, PasswordType, PdfReader

from knowledge_base.han import HAN
from knowledge_base.passages import Document
from knowledge_base.readers.letters import as_typed
from knowledge_base.readers.limits import PAGES
from knowledge_base.readers.sections import About, Section, documents_of
from knowledge_base.readers.source import Source
from knowledge_base.readers.text import printable

_RUNNING_FROM_PAGES = 4
_LONGEST_HEADING = 60
_DEEPEST_OUTLINE = 10
_FULL_LINE = 0.7
"""Of the longest line on the page: below it a line ends a paragraph."""
_ENDS = tuple("。！？!?；;：:")
_BEGINS_ITEM = re.compile(r"(?:[-*•·●▪]|[(（]?\d{1,3}[.)、）]|[一二三四五六七八九十]+、)\s*")
_WIDE = re.compile(f"[{HAN}\u3000-\u303f\uff00-\uffef]")
"""Han characters and their punctuation, which no space follows."""
_WORD = re.compile(r"[^\W\d_]{2}")
_NO_TEXT = re.compile("[\\s\ufffd\ue000-\uf8ff]")
"""Private use characters are the numbers of glyphs in a font without a table of characters."""
_MOST_UNREADABLE = 0.5


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of 0 and document."""
    reader = PdfReader(io.BytesIO(source.data))
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise source.refusal("is encrypted; save it without a password")
    count = len(reader.pages)
    if count > PAGES:
        raise source.refusal(f"has {count:,} pages, more than {PAGES:,}; split it")
    pages = [_lines(page) for page in reader.pages]
    _check_readable(source, reader, pages)
    chapters = _chapters(reader)
    chapter: tuple[str, ...] = ()
    sections = []
    for number, lines in enumerate(_without_running(pages), start=1):
        chapter = chapters.get(number, chapter)
        headings = chapter or _first_line(lines)
        sections.append(Section(headings, _joined(lines), f"page={number}", number))
    yield from documents_of(source, _about(reader), sections)


def _lines(page: PageObject) -> list[str]:
    text = as_typed(printable(page.extract_text()))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [line for line in lines if line]


def _check_readable(source: Source, reader: PdfReader, pages: list[list[str]]) -> None:
    text = "".join(line for lines in pages for line in lines)
    readable = len(_NO_TEXT.sub("", text))
    if text and readable < _MOST_UNREADABLE * len("".join(text.split())):
        raise source.refusal("its fonts do not say which characters they draw; run OCR on it first")
    pictured = sum(
        not lines and _images(page) for page, lines in zip(reader.pages, pages, strict=True)
    )
    if pictured > len(pages) / 2 or (pictured and not readable):
        reason = "its pages are pictures without text, as a scanner makes them"
        raise source.refusal(f"{reason}; run OCR on it first")
    if not readable:
        raise source.refusal("holds no text; if its pages show some, run OCR on it first")


def _images(page: PageObject) -> bool:
    resources: Any = page.get("/Resources")
    resources = resources.get_object() if resources is not None else {}
    objects = resources.get("/XObject")
    return bool(objects is not None and len(objects.get_object()))


def _about(reader: PdfReader) -> About:
    stored = reader.metadata
    if stored is None:
        return About()
    return About(title=str(stored.title or ""), tags=str(stored.get("/Keywords") or ""))


def _chapters(reader: PdfReader) -> dict[int, tuple[str, ...]]:
    """Of each page on which chapters begin: the path of the last of them."""
    found: dict[int, tuple[str, ...]] = {}

    def collect(items: Sequence[Any], above: tuple[str, ...]) -> None:
        path = above
        for item in items:
            if isinstance(item, list):
                if len(path) < _DEEPEST_OUTLINE:
                    collect(item, path)
                continue
            path = (*above, str(item.title or ""))
            page = reader.get_destination_page_number(item)
            if page is not None and page >= 0:
                found[page + 1] = path

    collect(reader.outline, ())
    return found


def _without_running(pages: list[list[str]]) -> list[list[str]]:
    """Without the lines, numbers aside, with which more than half of the pages begin or end."""
    if len(pages) < _RUNNING_FROM_PAGES:
        return pages
    for end in (0, -1):
        seen = Counter(_shape(lines[end]) for lines in pages if lines)
        running = {shape for shape, times in seen.items() if times > len(pages) / 2}
        pages = [
            [line for place, line in enumerate(lines) if not _is(lines, place, end, running)]
            for lines in pages
        ]
    return pages


def _is(lines: list[str], place: int, end: int, running: set[str]) -> bool:
    return place == end % len(lines) and _shape(lines[place]) in running


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _first_line(lines: list[str]) -> tuple[str, ...]:
    short = len(lines) > 1 and len(lines[0]) <= _LONGEST_HEADING and _WORD.search(lines[0])
    return (lines[0],) if short and not lines[0].endswith(("。", ".", "，", ",")) else ()


def _joined(lines: list[str]) -> str:
    """A line that fills the page goes on in the next one, unless a sentence or an item ends it."""
    full = _FULL_LINE * max(map(len, lines), default=0)
    text = ""
    before = ""
    for line in lines:
        goes_on = len(before) >= full and not before.endswith(_ENDS)
        if not before:
            text = line
        elif not goes_on or _BEGINS_ITEM.match(line):
            text += f"\n{line}"
        elif before.endswith("-") and line[0].islower():
            text = text[:-1] + line
        else:
            text += line if _WIDE.match(before[-1]) and _WIDE.match(line) else f" {line}"
        before = line
    return text
