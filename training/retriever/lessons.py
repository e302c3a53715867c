"""Articles and the questions that the retriever learns from, some trades kept apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from training.pairs.reading import Pair

HELD_TRADES = ("coworking", "hotel", "insurance", "streaming", "telecom")
"""Never taught: what the scores mean is fitted on them, and they say how well the rest transfers.
Chosen for being unlike each other."""
EVEN_TRADES = ("coworking", "streaming")
"""Those of them whose near-misses cannot be told from the other questions by wording alone: only
their near-misses say how many of such questions pass."""


@dataclass(frozen=True)
class Asked:
    text: str
    article: int
    """Its place among the lessons' articles: the one that answers, or the one it is near to."""
    answered: bool


@dataclass(frozen=True)
class Lessons:
    articles: tuple[Pair, ...]

    @classmethod
    def of(cls, pairs: Iterable[Pair], *, held: bool) -> Lessons:
        """Those of the held trades, or all others."""
        return cls(tuple(pair for pair in pairs if (pair.trade in HELD_TRADES) is held))

    @cached_property
    def questions(self) -> tuple[Asked, ...]:
        return tuple(
            Asked(text, place, answered)
            for place, article in enumerate(self.articles)
            for texts, answered in ((article.asked, True), (article.beside, False))
            for text in texts
        )

    @cached_property
    def shelves(self) -> dict[tuple[str, str], tuple[int, ...]]:
        """The articles of each trade and language, by their places."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, article in enumerate(self.articles):
            found[article.trade, article.language].append(place)
        return {shelf: tuple(places) for shelf, places in found.items()}

    @cached_property
    def _places(self) -> dict[tuple[str, str], int]:
        return {(a.article, a.language): place for place, a in enumerate(self.articles)}

    def in_language(self, article: int, language: str) -> int | None:
        """The place of the same article in that language."""
        return self._places.get((self.articles[article].article, language))


def text_of(article: Pair) -> str:
    """As an index encodes the text of a passage."""
    return f"{article.title}\n{article.answer}"


def whole_text_of(article: Pair) -> str:
    """As the reranker reads a passage."""
    return f"{article.question}\n{article.answer}"


def other(language: str, languages: Sequence[str] = ("en", "zh")) -> str:
    return languages[1 - languages.index(language)]
