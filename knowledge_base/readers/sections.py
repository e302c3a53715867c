"""A file with headings, pages or questions becomes one document for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from knowledge_base.errors import DocumentInvalid
from knowledge_base.han import guess_language, has_han
from knowledge_base.passages import Document
from knowledge_base.readers.fields import FieldInvalid, document_from
from knowledge_base.readers.source import Ids, Source, slug
from knowledge_base.readers.text import printable

LONGEST = 6_000
"""Characters in a document; a longer section becomes several, cut between its paragraphs."""

_BETWEEN = " › "
_LONGEST_HEADING = 200
_URL = re.compile(r"(?i)https?://[^\s\\]+|[^\s\\:]*")


@dataclass(frozen=True)
class Section:
    headings: tuple[str, ...]
    """From the outermost one inwards; the last is the section's own."""
    text: str
    anchor: str = ""
    """The fragment of the address that leads to it: an id in a page, `page=3` in a PDF."""
    page: int = 0
    """From 1; 0 in a file without pages."""


@dataclass(frozen=True)
class About:
    """What a file says of itself, and so of each document in it."""

    title: str = ""
    url: str = ""
    language: str = ""
    """Used where the text alone does not tell."""
    tags: str = ""
    valid_from: str = ""
    valid_until: str = ""
    audience: str = ""


@dataclass
class Outline:
    """Collects sections in the order of reading."""

    sections: list[Section] = field(default_factory=list)
    _path: list[tuple[int, str]] = field(default_factory=list)
    _anchor: str = ""
    _blocks: list[str] = field(default_factory=list)

    def head(self, level: int, text: str, *, anchor: str = "") -> None:
        """A heading of level 1, 2, …; the text that follows belongs to it."""
        if not text:
            return
        self._close()
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, text))
        self._anchor = anchor

    def write(self, block: str) -> None:
        self._blocks.append(block)

    def ask(self, question: str, answer: str, *, anchor: str = "") -> None:
        """A question inside the running text, which is a section of its own."""
        if question and answer.strip():
            self.sections.append(Section((*self._headings, question), answer, anchor))

    def finish(self) -> list[Section]:
        self._close()
        return self.sections

    @property
    def _headings(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._path)

    def _close(self) -> None:
        text = "\n".join(self._blocks).strip()
        self._blocks = []
        if text:
            self.sections.append(Section(self._headings, text, self._anchor))


def documents_of(
    source: Source, about: About, sections: Iterable[Section]
) -> Iterator[tuple[int, Document]]:
    """Pairs of 0 (such files have no lines) and document; refused where there is no text."""
    ids = Ids(source)
    title = _line(about.title) or source.path.stem
    empty = True
    for section in sections:
        headings = tuple(line for line in map(_line, section.headings) if line)
        parts = _parts(_block(section.text))
        for number, part in zip(count(1), parts):
            empty = False
            cells = {
                "id": ids.new(
                    f"page-{section.page}" if section.page else _slug(headings),
                    f"part-{number}" if number > 1 else "",
                ),
                "question": headings[-1] if headings else title,
                "answer": part,
                "title": _title(title, headings),
                "url": _address(source.url or about.url, section.anchor),
                "language": "" if guess_language(part) else about.language,
                "tags": printable(about.tags),
                "position": _position(section, headings, part),
                "valid_from": about.valid_from,
                "valid_until": about.valid_until,
                "audience": _line(about.audience),
            }
            try:
                yield 0, document_from(cells)
            except FieldInvalid as error:
                raise DocumentInvalid(source.path, 0, str(error)) from None
    if empty:
        raise source.refusal("holds no text to answer from")


def _slug(headings: tuple[str, ...]) -> str:
    return slug(headings[-1]) if headings else ""


def _title(title: str, headings: tuple[str, ...]) -> str:
    """The file's, then the chapters that the section lies in."""
    above = [heading for heading in headings[:-1] if heading != title]
    return _BETWEEN.join([title, *above])[:_LONGEST_HEADING]


def _position(section: Section, headings: tuple[str, ...], text: str) -> str:
    page = ""
    if section.page:
        page = f"第 {section.page} 页" if has_han(text) else f"page {section.page}"
    return _BETWEEN.join([page, *headings] if page else headings)


def _address(url: str, anchor: str) -> str:
    if not url or not _URL.fullmatch(url):
        return ""
    fits = anchor and "#" not in url and not re.search(r"[\s\\]", anchor)
    return f"{url}#{anchor}" if fits else url


def _line(text: str) -> str:
    return " ".join(printable(text).split())[:_LONGEST_HEADING]


def _block(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", printable(text)).strip()


def _parts(text: str) -> list[str]:
    """Pieces of at most LONGEST characters: cut between paragraphs, else between lines, else
    anywhere."""
    parts = []
    start = 0
    while len(text) - start > LONGEST:
        end = start + LONGEST
        cuts = (text.rfind("\n\n", start, end), text.rfind("\n", start, end))
        cut = next((cut for cut in cuts if cut > start + LONGEST // 2), end)
        parts.append(text[start:cut].strip())
        start = cut
    return [part for part in (*parts, text[start:].strip()) if part]
