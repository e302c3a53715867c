"""Articles and the questions that the retriever learns from, some trades kept apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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
    evidence: tuple[int, ...] = ()
    """The sentences of the article's answer without which the rest does not answer."""


@dataclass(frozen=True)
class Lessons:
    articles: tuple[Pair, ...]

    @classmethod
    def of(cls, pairs: Iterable[Pair], *, held: bool) -> Lessons:
        """Those of the held trades, or all others."""
        return cls(tuple(pair for pair in pairs if (pair.trade in HELD_TRADES) is held))

    @cached_property
    def questions(self) -> tuple[Asked, ...]:
        found = []
        for place, article in enumerate(self.articles):
            evidence = article.evidence or ((),) * len(article.asked)
            for text, told in zip(article.asked, evidence, strict=True):
                found.append(Asked(text, place, True, told))
            found += [Asked(text, place, False) for text in article.beside]
        return tuple(found)

    @cached_property
    def trades(self) -> frozenset[str]:
        return frozenset(article.trade for article in self.articles)

    @cached_property
    def shelves(self) -> dict[tuple[str, str], tuple[int, ...]]:
        """The articles of each trade and language, by their places."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, article in enumerate(self.articles):
            found[article.trade, article.language].append(place)
        return {shelf: tuple(places) for shelf, places in found.items()}


def text_of(article: Pair) -> str:
    """As an index encodes the text of a passage."""
    return f"{article.title}\n{article.answer}"
