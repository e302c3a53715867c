"""Long answers are cut into passages at the ends of sentences."""

from __future__ import annotations

import re
from itertools import accumulate, takewhile
from unicodedata import east_asian_width

from knowledge_base.passages import Document, Passage

LONGEST = 800
"""Columns in a passage: a Han character takes two. That is 400 Han characters or some 130 English
words, either of which an encoder reads whole (256 tokens)."""

# A sentence keeps its closing quotes and the white space behind it. A dot ends one only before
# white space, so that 3.5, kefu.example and v2.0 stay whole.
_SENTENCE = re.compile(
    r"""
    .+? (?: [。！？!?；…]+ [”’」』》）"')\]]* \s*
          | \. ["')\]]* (?:\s+|\Z)
          | \n \s*
          | \Z )
    """,
    re.DOTALL | re.VERBOSE,
)
_PAUSE = re.compile(r"[,，、：:;\s]")


def passages_of(document: Document) -> list[Passage]:
    """One passage for a short answer, and for one without a word, which is still asked for; every
    passage carries all the document's questions."""
    return [
        Passage(
            id=f"{document.id}#{number}",
            document_id=document.id,
            text=text,
            title=document.title,
            url=document.url,
            language=document.language,
            questions=(document.question, *document.variants),
            tags=document.tags,
            position=document.position,
        )
        for number, text in enumerate(cut(document.answer) or [""])
    ]


def cut(text: str, *, longest: int = LONGEST) -> list[str]:
    """Pieces of at most `longest` columns that together hold every sentence in order.

    Each piece after the first begins with the last sentence of the piece before it, unless the
    two would not fit together.
    """
    if width(text) <= longest:
        return [text.strip()]
    pieces: list[list[str]] = [[]]
    for sentence in sentences(text):
        for part in _parts(sentence, longest):
            if not _fits([*pieces[-1], part], longest):
                overlap = pieces[-1][-1:]
                pieces.append(overlap if _fits([*overlap, part], longest) else [])
            pieces[-1].append(part)
    return [piece for piece in ("".join(parts).strip() for parts in pieces) if piece]


def sentences(text: str) -> list[str]:
    """Joined, they are the text again.

    Weakness: an abbreviation before a space ("approx. 3 days") ends a sentence.
    """
    return _SENTENCE.findall(text)


def width(text: str) -> int:
    """Columns on a terminal, roughly."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _fits(parts: list[str], longest: int) -> bool:
    return width("".join(parts).strip()) <= longest


def _parts(sentence: str, longest: int) -> list[str]:
    """A sentence that fits, or its pieces, cut at the last pause that fits."""
    parts = []
    while not _fits([sentence], longest):
        columns = accumulate(width(character) for character in sentence)
        reach = max(1, sum(1 for _ in takewhile(lambda column: column <= longest, columns)))
        pauses = [match.end() for match in _PAUSE.finditer(sentence, 0, reach)]
        parts.append(sentence[: pauses[-1] if pauses else reach])
        sentence = sentence[len(parts[-1]) :]
    return [*parts, sentence]
