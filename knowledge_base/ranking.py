"""Candidates become hits: by the same rules, whatever engine found them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import Scorer
from knowledge_base.dense import Similarities
from knowledge_base.embedding import Embedder, Vectors
from knowledge_base.explaining import (
    hint_in,
    nearest_questions,
    stages_of,
    standings,
    words_shared,
)
from knowledge_base.explanation import Explained, Explanation
from knowledge_base.fusion import FEATURES, Evidence, features
from knowledge_base.lexical import LexicalMatches
from knowledge_base.passages import Filter, Hit, Passage
from knowledge_base.rerank import JUDGED, READ_TOGETHER, SecondLook
from knowledge_base.showing import Shown, choose

_HINTS = 3
_LEAST_HINT = 0.05


class Channel(StrEnum):
    """By what passages are found and ranked: by all that is known, or by one part of it.

    A part is for measuring, not for speed: whatever else is known of a passage is computed too.
    """

    ALL = "all"
    DENSE = "dense"
    LEXICAL = "lexical"


@dataclass(frozen=True)
class Candidates:
    passages: tuple[Passage, ...]
    features: NDArray[np.float32]
    """`(n, len(FEATURES))`"""
    found_by: tuple[frozenset[str], ...] = ()
    """What brought each: `dense`, `lexical`, `hint`."""
    query: Vectors | None = None
    """`(d,)`; None where nothing was asked."""
    admitted: int = 0
    """Passages that the filter lets in."""
    passages_in_all: int = 0


@dataclass(frozen=True)
class Ranked:
    """The candidates of one query, scored: what `search` gives and what `explain` shows."""

    candidates: Candidates
    fused: NDArray[np.float64]
    """`(n,)`"""
    order: NDArray[np.intp]
    """Of the candidates, best first."""
    shown: Shown

    def hits(self) -> tuple[Hit, ...]:
        found = self.candidates
        return tuple(
            Hit(
                found.passages[row],
                float(self.fused[row]),
                dict(zip(FEATURES, found.features[row].tolist(), strict=True)),
                tuple(duplicates),
            )
            for row, duplicates in self.shown.duplicates.items()
        )


@dataclass(frozen=True)
class Look:
    passages: tuple[Passage, ...]
    judged: NDArray[np.float64]
    """`(n, len(JUDGED))`"""


_HINTED = FEATURES.index("hinted")


class Knowledge(ABC):
    """Ranks what its engine finds."""

    each = 30
    """Passages that an engine finds by vectors, by words, and for each likely tag."""
    longest_query = 2000
    """Characters; the rest is not read."""

    def __init__(
        self, embedder: Embedder, scorer: Scorer, second: SecondLook | None = None
    ) -> None:
        self._embedder = embedder
        self._scorer = scorer
        self._second = second

    @property
    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def candidates(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        channel: Channel = Channel.ALL,
        only: Filter | None = None,
    ) -> Candidates:
        """What `search` chooses from, in no order; nothing for an empty query."""
        ...

    def search(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        limit: int = 5,
        channel: Channel = Channel.ALL,
        only: Filter | None = None,
    ) -> list[Hit]:
        """Best first, one passage a document, scores in [0, 1].

        `hints` maps a tag to the probability that the query is about it. `only` is applied before
        anything is ranked: what it keeps out is no rival either. Of articles that say the same the
        best is shown. A single channel finds alone, hints unheard; its scores are its own measure
        (mean cosine, share of BM25) and no probability.
        """
        return list(self._rank(query, hints, limit, channel, only).hits())

    def explain(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        limit: int = 5,
        shown: int = 20,
        only: Filter | None = None,
    ) -> Explanation:
        """What `search` gives, and of the best `shown` candidates what each stage made of them."""
        ranked = self._rank(query, hints, limit, Channel.ALL, only)
        return Explanation(
            query=query,
            version=self.version,
            hits=ranked.hits(),
            candidates=tuple(self._explained(query, ranked, shown)),
            found=len(ranked.candidates.passages),
            admitted=ranked.candidates.admitted,
            passages=ranked.candidates.passages_in_all,
        )

    def _explained(self, query: str, ranked: Ranked, limit: int) -> Iterator[Explained]:
        found, rows = ranked.candidates, ranked.order[:limit].tolist()
        if found.query is None:
            return
        passages = [found.passages[row] for row in rows]
        questions = nearest_questions(self._embedder, found.query, passages)
        stages, fused = stages_of(found.features), standings(ranked.fused)
        places = {row: place for place, row in enumerate(ranked.shown.duplicates, start=1)}
        for row, passage, question in zip(rows, passages, questions, strict=True):
            fate, instead = ranked.shown.fate(row)
            yield Explained(
                passage=passage,
                found_by=tuple(sorted(found.found_by[row])),
                stages=stages[row],
                nearest_question=question,
                words=words_shared(query, passage),
                hint=hint_in(found.features[row]),
                fused=fused[row],
                place=places.get(row),
                fate=fate,
                instead=instead,
            )

    def _rank(
        self,
        query: str,
        hints: Mapping[str, float],
        limit: int,
        channel: Channel,
        only: Filter | None,
    ) -> Ranked:
        candidates = self.candidates(query, hints=hints, channel=channel, only=only)
        fused, order = self._ranked(candidates.features, channel)
        # Whoever knows what this company's customers mean has spoken, and needs no second look.
        unsure = len(order) > 0 and not candidates.features[order[0], _HINTED]
        second = self._second if channel is Channel.ALL and unsure else None
        if second is not None and second.wanted(float(fused[order[0]])):
            fused, order = self._looked_twice(second, query, candidates, fused, order)
        return Ranked(candidates, fused, order, choose(candidates.passages, order.tolist(), limit))

    def _ranked(
        self, features: NDArray[np.float32], channel: Channel
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """The scores of the candidates, and their rows, best first."""
        if channel is Channel.ALL:
            scores = self._scorer.score(features)
            return scores, np.lexsort((-features[:, 0], -scores))
        own = features[:, FEATURES.index(channel.value)].astype(np.float64)
        # Two opposite vectors have a cosine below 0, and rounding lifts one above 1.
        return np.clip(own, 0.0, 1.0), np.argsort(-own, kind="stable")

    def look_twice(self, query: str, *, hints: Mapping[str, float]) -> Look:
        """The first few candidates and what a second look sees of them, best first before it."""
        candidates = self.candidates(query, hints=hints)
        fused, order = self._ranked(candidates.features, Channel.ALL)
        first = order[:READ_TOGETHER]
        return Look(
            tuple(candidates.passages[row] for row in first),
            self._judged(query, candidates, fused, first),
        )

    def _looked_twice(
        self,
        second: SecondLook,
        query: str,
        candidates: Candidates,
        fused: NDArray[np.float64],
        order: NDArray[np.intp],
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """The first few in a new order with new scores; none behind them is above them."""
        first, rest = order[:READ_TOGETHER], order[READ_TOGETHER:]
        scores = second.judgement.score(self._judged(query, candidates, fused, first))
        renewed = fused.copy()
        renewed[first] = scores
        renewed[rest] = np.minimum(fused[rest], scores.min())
        return renewed, np.concatenate([first[np.argsort(-scores, kind="stable")], rest])

    def _judged(
        self,
        query: str,
        candidates: Candidates,
        fused: NDArray[np.float64],
        first: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        if self._second is None or not len(first):
            return np.empty((0, len(JUDGED)))
        passages = [candidates.passages[row] for row in first]
        asked = query.strip()[: self.longest_query]
        return self._second.judged(asked, passages, fused[first], rivals_among(passages))


def likely_tags(hints: Mapping[str, float]) -> list[str]:
    """Those whose passages are candidates by the hint alone, the likeliest first."""
    likely = sorted(hints, key=lambda tag: -hints[tag])[:_HINTS]
    return [tag for tag in likely if hints[tag] >= _LEAST_HINT]


def weigh(
    passages: tuple[Passage, ...],
    similarities: Similarities,
    lexical: LexicalMatches,
    hints: Mapping[str, float],
) -> NDArray[np.float32]:
    """`(n, len(FEATURES))` of what an engine saw of some passages."""
    return features(
        Evidence(
            similarities=similarities,
            lexical=lexical.scores,
            coverage=lexical.coverage,
            hint=_hints_of(passages, hints),
            hinted=np.array([not hints.keys().isdisjoint(p.tags) for p in passages]),
            rivals=rivals_among(passages),
        )
    )


def _hints_of(passages: Sequence[Passage], hints: Mapping[str, float]) -> NDArray[np.float32]:
    return np.array(
        [max((hints.get(tag, 0.0) for tag in passage.tags), default=0.0) for passage in passages],
        dtype=np.float32,
    )


def rivals_among(passages: Sequence[Passage]) -> NDArray[np.bool_]:
    """`(n, n)`: an article and its translation (the same tags, another language) are none."""
    documents = _codes(passage.document_id for passage in passages)
    tags = _codes(frozenset(passage.tags) or passage.document_id for passage in passages)
    languages = _codes(passage.language for passage in passages)
    translations = (tags[:, None] == tags) & (languages[:, None] != languages)
    return np.asarray((documents[:, None] != documents) & ~translations)


def _codes(values: Iterable[object]) -> NDArray[np.int64]:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values])
