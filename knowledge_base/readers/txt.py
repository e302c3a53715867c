"""Plain text: `Q:` and `A:`, or chapters under headings that are numbered, or all of it as one.

Headings are short lines of their own, between blank lines, that begin like 第三章, 一、 or 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge_base.passages import Document
from knowledge_base.readers.sections import About, Outline, Section, documents_of
from knowledge_base.readers.source import Source
from knowledge_base.readers.text import read_prose

_QUESTION = re.compile(r"\s*(?:Q\s?\d*|问题?\s?\d*|question\s?\d*)\s*[:：.、]\s*(?P<text>.+)", re.I)
_ANSWER = re.compile(r"\s*(?:A\s?\d*|答案?\s?\d*|answer\s?\d*)\s*[:：.、]\s*(?P<text>.*)", re.I)
_CHAPTER = re.compile(
    r"第[一二三四五六七八九十百\d]+[章篇部]\s*\S.*|(?:chapter|part)\s+\w+\b.*", re.I
)
_NUMBERED = re.compile(
    r"(?:第[一二三四五六七八九十百\d]+[节条]|[一二三四五六七八九十]+、|\d+(?:\.\d+)*[.、]?\s)\s*\S.*"
)
_LONGEST_HEADING = 60
_ENDS_SENTENCE = tuple("。！.!；;，,：:")


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of 0 and document."""
    lines = read_prose(source).split("\n")
    sections = _questions(lines) or _chapters(lines)
    yield from documents_of(source, About(), sections)


def _questions(lines: list[str]) -> list[Section]:
    """Empty unless the text is questions with their answers from its first line on."""
    sections: list[Section] = []
    question, answer, asking = "", [""], True
    first = next((line for line in lines if line.strip()), "")
    if not _QUESTION.fullmatch(first):
        return []
    for line in lines:
        if asked := _QUESTION.fullmatch(line):
            sections.append(Section((question,), "\n".join(answer)))
            question, answer, asking = asked["text"], [], True
        elif asking and (answered := _ANSWER.fullmatch(line)):
            answer, asking = [answered["text"]], False
        else:
            answer.append(line)
    sections.append(Section((question,), "\n".join(answer)))
    return sections[1:]


def _chapters(lines: list[str]) -> list[Section]:
    outline = Outline()
    padded = ["", *lines, ""]
    for before, line, after in zip(padded, padded[1:], padded[2:], strict=False):
        text = line.strip()
        alone = not before.strip() and not after.strip()
        if alone and len(text) <= _LONGEST_HEADING and not text.endswith(_ENDS_SENTENCE):
            if _CHAPTER.fullmatch(text):
                outline.head(1, text)
                continue
            if _NUMBERED.fullmatch(text):
                outline.head(2, text)
                continue
        outline.write(line.rstrip())
    return outline.finish()
