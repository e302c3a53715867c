"""Knowledge of any size for `make bench-scale`: clustered vectors, and texts of the demo company's
words; the same for the same number of passages."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.demo.company import KNOWLEDGE
from knowledge_base.passages import Passage
from knowledge_base.segmentation import chinese_words

DIMENSION = 384
_SEED = 6
_INNER = 32
"""Dimensions in which passages really differ; encoders of sentences have about as many."""
_HIDDEN = 192
_TOPICS = 64
_A_CLUSTER = 25
"""Passages: the ten nearest of a query lie in several clusters."""
_WORDS = (18, 40)
_OWN_SHARE = 0.6
"""Of the words, from the article of the passage's topic; the others from any."""
_ASKED = (3, 8)
_STEP = 20_000


@dataclass(frozen=True)
class Article:
    language: str
    words: tuple[str, ...]
    """In reading order, so that frequent words are drawn as often as they are used."""


@dataclass(frozen=True)
class Query:
    text: str
    vector: NDArray[np.float32]
    """`(DIMENSION,)`"""
    hints: dict[str, float]


class Knowledge:
    def __init__(self, count: int) -> None:
        self.count = count
        self._articles = _articles()
        draw = np.random.default_rng((_SEED, count))
        clusters = max(_TOPICS, count // _A_CLUSTER)
        self._topic_of = draw.integers(0, _TOPICS, clusters)
        topics = draw.standard_normal((_TOPICS, _INNER), dtype=np.float32)
        spread = draw.standard_normal((clusters, _INNER), dtype=np.float32)
        self._centres = topics[self._topic_of] + np.float32(0.6) * spread
        self._bend = draw.standard_normal((_INNER, _HIDDEN), dtype=np.float32) / _INNER**0.5
        self._out = draw.standard_normal((_HIDDEN, DIMENSION), dtype=np.float32)
        self._cluster_of = draw.integers(0, clusters, count)

    def vectors(self) -> Iterator[NDArray[np.float32]]:
        """`(n, DIMENSION)` of length 1, until there are `count`."""
        for start in range(0, self.count, _STEP):
            draw = np.random.default_rng((_SEED, self.count, 1, start))
            yield self._around(self._cluster_of[start : start + _STEP], 0.5, draw)

    def passages(self) -> Iterator[Passage]:
        draw = np.random.default_rng((_SEED, self.count, 2))
        for row in range(self.count):
            own = self._article(row)
            others = [each for each in self._articles if each.language == own.language]
            words = _drawn(own, others, draw)
            yield Passage(
                id=f"d{row}#0",
                document_id=f"d{row}",
                text=_joined(words, own.language),
                title=_joined(words[:4], own.language),
                url="",
                language=own.language,
                tags=(self._tag(row),),
            )

    def queries(self, count: int, passages: Sequence[Passage]) -> list[Query]:
        """New words and a new vector near those of some passages; a right hint and a wrong one."""
        draw = np.random.default_rng((_SEED, self.count, 3))
        rows = draw.integers(0, self.count, count)
        vectors = self._around(self._cluster_of[rows], 0.6, draw)
        found = []
        for row, vector in zip(rows.tolist(), vectors, strict=True):
            language = passages[row].language
            words = _cut(passages[row].text, language)
            wanted = draw.choice(len(words), min(len(words), draw.integers(*_ASKED)), replace=False)
            hints = {"topic-0": 0.2, self._tag(row): 0.7}
            found.append(Query(_joined([words[n] for n in wanted], language), vector, hints))
        return found

    def _tag(self, row: int) -> str:
        return f"topic-{self._topic_of[self._cluster_of[row]]}"

    def _article(self, row: int) -> Article:
        return self._articles[self._topic_of[self._cluster_of[row]] % len(self._articles)]

    def _around(
        self, clusters: NDArray[np.int64], spread: float, draw: np.random.Generator
    ) -> NDArray[np.float32]:
        inner = self._centres[clusters]
        inner = inner + spread * draw.standard_normal(inner.shape, dtype=np.float32)
        outer = _unit(np.tanh(1.5 * inner @ self._bend) @ self._out)
        noise = _unit(draw.standard_normal(outer.shape, dtype=np.float32))
        return _unit(outer + np.float32(0.25) * noise)


def _articles() -> list[Article]:
    found = []
    with KNOWLEDGE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = f"{row['question']} {row['answer']}"
            found.append(Article(row["language"], tuple(_cut(text, row["language"]))))
    return found


def _cut(text: str, language: str) -> list[str]:
    if language != "zh":
        return text.split()
    return [word for word, count in chinese_words(text) if count or word.isalnum()]


def _joined(words: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(words)


def _drawn(own: Article, others: Sequence[Article], draw: np.random.Generator) -> list[str]:
    length = int(draw.integers(*_WORDS))
    numbers = draw.random((length, 3))
    words = []
    for choice, which, place in numbers.tolist():
        source = own if choice < _OWN_SHARE else others[int(which * len(others))]
        words.append(source.words[int(place * len(source.words))])
    return words


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)
