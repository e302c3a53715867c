"""Finding the passages that answer a query, with the probability that they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import Scorer
from knowledge_base.embedding import Embedder
from knowledge_base.fusion import FEATURES, Evidence, features
from knowledge_base.index import Index
from knowledge_base.lexical import Asked
from knowledge_base.passages import Document, Hit, Passage

_CANDIDATES = 30
"""From each channel."""
_HINTS = 3
_LEAST_HINT = 0.05
_LONGEST_QUERY = 2000
"""Characters; the rest is not read."""


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


class KnowledgeBase:
    """One loaded version; it never changes, so threads may share it."""

    def __init__(self, index: Index, embedder: Embedder, scorer: Scorer) -> None:
        self._index = index
        self._embedder = embedder
        self._scorer = scorer
        tagged: dict[str, list[int]] = defaultdict(list)
        for row, passage in enumerate(index.passages):
            for tag in passage.tags:
                tagged[tag].append(row)
        self._tagged = {tag: np.array(rows, dtype=np.int32) for tag, rows in tagged.items()}

    @property
    def version(self) -> str:
        return self._index.version

    def document(self, document_id: str) -> Document | None:
        """The whole article that a passage was cut from."""
        return self._index.documents.get(document_id)

    def search(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        limit: int = 5,
        channel: Channel = Channel.ALL,
    ) -> list[Hit]:
        """Best first, one passage a document, scores in [0, 1].

        `hints` maps a tag to the probability that the query is about it. A single channel finds
        alone, hints unheard; its scores are its own measure (mean cosine, share of BM25) and no
        probability.
        """
        candidates = self.candidates(query, hints=hints, channel=channel)
        if not candidates.passages:
            return []
        scores, order = self._ranked(candidates.features, channel)
        best: dict[str, Hit] = {}
        for row in order:
            passage = candidates.passages[row]
            if passage.document_id not in best:
                evidence = dict(zip(FEATURES, candidates.features[row].tolist(), strict=True))
                best[passage.document_id] = Hit(passage, float(scores[row]), evidence)
            if len(best) >= limit:
                break
        return list(best.values())

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

    def candidates(
        self, query: str, *, hints: Mapping[str, float], channel: Channel = Channel.ALL
    ) -> Candidates:
        """What `search` chooses from, in no order; nothing for an empty query."""
        query = query.strip()[:_LONGEST_QUERY]
        if not query:
            return Candidates((), np.empty((0, len(FEATURES)), dtype=np.float32))
        vector = self._embedder.encode_queries([query])[0]
        asked = self._index.lexical.ask(query)
        found: list[Iterable[int]] = []
        if channel is not Channel.LEXICAL:
            found.append(self._index.dense.nearest(vector, _CANDIDATES))
        if channel is not Channel.DENSE:
            found.append(self._index.lexical.best(asked, _CANDIDATES).tolist())
        if channel is Channel.ALL:
            found.append(self._hinted(hints, asked))
        rows = list(dict.fromkeys(chain.from_iterable(found)))
        if not rows:
            return Candidates((), np.empty((0, len(FEATURES)), dtype=np.float32))
        lexical = self._index.lexical.evidence(asked, np.array(rows, dtype=np.int32))
        passages = tuple(self._index.passages[row] for row in rows)
        evidence = Evidence(
            similarities=self._index.dense.similarities(vector, rows),
            lexical=lexical.scores,
            coverage=lexical.coverage,
            hint=_hints_of(passages, hints),
            hinted=np.array([not hints.keys().isdisjoint(p.tags) for p in passages]),
            rivals=_rivals(passages),
        )
        return Candidates(passages, features(evidence))

    def _hinted(self, hints: Mapping[str, float], asked: Asked) -> Iterable[int]:
        """The best by their words, then the first of those that share none with the query."""
        likely = sorted(hints, key=lambda tag: -hints[tag])[:_HINTS]
        for tag in likely:
            if hints[tag] >= _LEAST_HINT and (rows := self._tagged.get(tag)) is not None:
                best = self._index.lexical.best(asked, _CANDIDATES, among=rows).tolist()
                yield from best
                others = (row for row in rows[:_CANDIDATES].tolist() if row not in best)
                yield from islice(others, _CANDIDATES - len(best))


def _hints_of(passages: Sequence[Passage], hints: Mapping[str, float]) -> NDArray[np.float32]:
    return np.array(
        [max((hints.get(tag, 0.0) for tag in passage.tags), default=0.0) for passage in passages],
        dtype=np.float32,
    )


def _rivals(passages: Sequence[Passage]) -> NDArray[np.bool_]:
    """An article and its translation (the same tags, another language) are no rivals."""
    documents = _codes(passage.document_id for passage in passages)
    tags = _codes(frozenset(passage.tags) or passage.document_id for passage in passages)
    languages = _codes(passage.language for passage in passages)
    translations = (tags[:, None] == tags) & (languages[:, None] != languages)
    return np.asarray((documents[:, None] != documents) & ~translations)


def _codes(values: Iterable[object]) -> NDArray[np.int64]:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values])
