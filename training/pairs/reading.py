"""Articles, and how customers ask for them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal, get_args

from training.errors import CorpusInvalid

FOLDER = Path(__file__).parent
Tongue = Literal["en", "zh"]


@dataclass(frozen=True)
class Pair:
    """One article in one language; `article` and `language` together are unique."""

    article: str
    """The same for the English and the Chinese article on one matter."""
    trade: str
    language: Tongue
    title: str
    question: str
    """As the article asks it."""
    answer: str
    asked: tuple[str, ...]
    """As customers ask it."""
    beside: tuple[str, ...]
    """Near to the article, and not answered by it."""
    evidence: tuple[tuple[int, ...], ...] = ()
    """For each asked, by their numbers, the fewest sentences of the answer without which the rest
    would not answer; none where the article answers in part only. Empty where nobody has said."""

    @property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Where each of the answer's begins and ends, in code points."""
        return tuple(match.span() for match in _SENTENCE.finditer(self.answer))


_LISTS = ("asked", "beside")
_EVIDENCE = "evidence"
_TEXTS = tuple(one.name for one in fields(Pair) if one.name not in (*_LISTS, _EVIDENCE))
# As those who wrote the evidence counted: "3.5" and "v2.0" stay whole, a clause may stand alone.
_SENTENCE = re.compile(r"\S.*?(?:[。！？；]|[.!?;](?=\s|\Z)|\Z)", re.DOTALL)


def read_pairs(folder: Path = FOLDER) -> list[Pair]:
    """Every line of every trade, in the order of the files' names.

    Raises CorpusInvalid, with the line, where a field is missing, unknown, empty or repeated.
    """
    found: list[Pair] = []
    seen: set[tuple[str, str]] = set()
    for path in sorted(folder.glob("*.jsonl")):
        for number, pair in _read(path):
            if (pair.article, pair.language) in seen:
                reason = f"the article {pair.article!r} stands here a second time; rename it"
                raise CorpusInvalid(path, reason, line=number)
            seen.add((pair.article, pair.language))
            found.append(pair)
    return found


def _read(path: Path) -> Iterator[tuple[int, Pair]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield number, _pair(json.loads(line), path.stem)
        except ValueError as error:
            reason = f"it is no article with questions ({error}); correct the line"
            raise CorpusInvalid(path, reason, line=number) from None


def _pair(row: object, trade: str) -> Pair:
    if not isinstance(row, Mapping):
        raise ValueError("a line holds one JSON object")
    wrong = sorted({*_TEXTS, *_LISTS} ^ (set(row) - {_EVIDENCE}))
    if wrong:
        raise ValueError(f"missing or unknown: {', '.join(map(str, wrong))}")
    for name in _TEXTS:
        if not _is_text(row[name]):
            raise ValueError(f"{name} is no text, or an empty one")
    if row["language"] not in get_args(Tongue):
        raise ValueError(f"language is one of {', '.join(get_args(Tongue))}")
    if row["trade"] != trade:
        raise ValueError("trade is not the name of its file")
    asked, beside = (_questions(name, row[name]) for name in _LISTS)
    pair = Pair(**{name: row[name] for name in _TEXTS}, asked=asked, beside=beside)
    if _EVIDENCE not in row:
        return pair
    return replace(pair, evidence=_evidence(row[_EVIDENCE], len(asked), len(pair.sentences)))


def _evidence(value: object, questions: int, sentences: int) -> tuple[tuple[int, ...], ...]:
    if not isinstance(value, list) or len(value) != questions:
        raise ValueError(f"{_EVIDENCE} is no list with an entry for each asked question")
    for numbers in value:
        if not isinstance(numbers, list) or not all(type(each) is int for each in numbers):
            raise ValueError(f"{_EVIDENCE} holds something other than lists of whole numbers")
        if numbers != sorted(set(numbers)) or any(not 0 <= each < sentences for each in numbers):
            reason = f"names sentences out of order, twice, or beyond the answer's {sentences}"
            raise ValueError(f"{_EVIDENCE} {reason}")
    return tuple(map(tuple, value))


def _questions(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(map(_is_text, value)):
        raise ValueError(f"{name} is no list of texts, or an empty one")
    if max(Counter(value).values()) > 1:
        raise ValueError(f"{name} holds the same question twice")
    return tuple(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() == value != ""
