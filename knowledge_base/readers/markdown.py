"""Each `##` section is a document: the heading asks, the text below answers.

An optional front matter gives `id`, `title`, `url`, `language`, `tags`, `valid_from`, `valid_until`
and `audience` for all of them. The id of a section is the front matter's `id` (or the name of the
file) and the heading's slug. Text before the first section is a document of its own, asked by the
title. Answers are plain text: emphasis goes, list marks and link addresses stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge_base.errors import DocumentInvalid
from knowledge_base.passages import Document
from knowledge_base.readers.fields import FieldInvalid, document_from
from knowledge_base.readers.plain_text import plain, plain_inline
from knowledge_base.readers.source import Source, slug
from knowledge_base.readers.text import read_text

_FENCE = "---"
_FRONT_MATTER = (
    "id",
    "title",
    "url",
    "language",
    "tags",
    "valid_from",
    "valid_until",
    "audience",
)


@dataclass(frozen=True)
class _Section:
    line: int
    tag: str
    """`h2`, `h1` for a chapter after the title, empty for the text before the first section."""
    heading: str
    body: list[Token]


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of line and document."""
    path = source.path
    settings, text, offset = _split_front_matter(path, read_text(source))
    if source.url:
        settings.setdefault("url", source.url)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    title = settings.get("title") or _title(tokens)
    for section in _sections(tokens):
        if section.tag != "h2" and not plain(section.body):
            continue
        line = section.line + offset
        stem = re.sub(r"\s+", "-", settings.get("id") or path.stem)
        if section.heading:
            stem = f"{stem}-{slug(section.heading) or f'line-{line}'}"
        cells = settings | {
            "id": stem,
            "question": section.heading or title or path.stem,
            "answer": plain(section.body),
            "title": title or section.heading,
        }
        try:
            yield line, document_from(cells)
        except FieldInvalid as error:
            raise DocumentInvalid(path, line, str(error)) from None


def _split_front_matter(path: Path, text: str) -> tuple[dict[str, str], str, int]:
    """Settings, the rest of the text, and the number of lines before it."""
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        return {}, text, 0
    end = next((n for n, line in enumerate(lines[1:], start=1) if line.rstrip() == _FENCE), 0)
    if not end:
        raise DocumentInvalid(path, 1, "the front matter is never closed by ---")
    settings = {}
    for number, line in enumerate(lines[1:end], start=2):
        name, colon, value = line.partition(":")
        if line.strip() and not colon:
            raise DocumentInvalid(path, number, "front matter is `name: value`")
        if name.strip().lower() in _FRONT_MATTER:
            settings[name.strip().lower()] = value.strip().strip("[]").strip("\"'")
    return settings, "\n".join(lines[end + 1 :]), end + 1


def _title(tokens: list[Token]) -> str:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1" and opening.level == 0:
            return plain_inline(inline)
    return ""


def _sections(tokens: list[Token]) -> Iterator[_Section]:
    section = _Section(1, "", "", [])
    titled = False
    heading_parts = 0
    for index, token in enumerate(tokens):
        if heading_parts:
            heading_parts -= 1
        elif token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2"):
            heading_parts = 2  # the heading's text and its close
            if token.tag == "h1" and not titled:
                titled = True
                continue
            yield section
            line = token.map[0] + 1 if token.map else section.line
            section = _Section(line, token.tag, plain_inline(tokens[index + 1]), [])
        else:
            section.body.append(token)
    yield section
