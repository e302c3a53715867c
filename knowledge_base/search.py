"""Finding the passages that answer a query, with the probability that they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import numpy as np

from knowledge_base.calibration import Scorer
from knowledge_base.dense import Rows
from knowledge_base.embedding import Embedder, Vectors
from knowledge_base.filtering import Sieve
from knowledge_base.fusion import FEATURES
from knowledge_base.index import Index
from knowledge_base.lexical import Asked
from knowledge_base.nearest import nearest_among
from knowledge_base.passages import Document, Filter
from knowledge_base.ranking import Candidates, Channel, Knowledge, likely_tags, weigh
from knowledge_base.rerank import SecondLook

__all__ = ["Candidates", "Channel", "KnowledgeBase"]

_NOTHING = np.empty((0, len(FEATURES)), dtype=np.float32)


class KnowledgeBase(Knowledge):
    """One version, loaded into this process; it never changes, so threads may share it."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        scorer: Scorer,
        second: SecondLook | None = None,
    ) -> None:
        super().__init__(embedder, scorer, second)
        self._index = index
        self._tagged = index.tagged
        self._sieve = Sieve(index.passages, index.documents)

    @property
    def version(self) -> str:
        return self._index.version

    @property
    def size(self) -> int:
        """Passages."""
        return len(self._index.passages)

    def document(self, document_id: str) -> Document | None:
        """The whole article that a passage was cut from."""
        return self._index.documents.get(document_id)

    def candidates(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        channel: Channel = Channel.ALL,
        only: Filter | None = None,
    ) -> Candidates:
        query = query.strip()[: self.longest_query]
        size = self.size
        among = None if only is None or only == Filter() else self._sieve.rows(only)
        admitted = size if among is None else len(among)
        if not query or not admitted:
            return Candidates((), _NOTHING, admitted=admitted, passages_in_all=size)
        vector = self._embedder.encode_queries([query])[0]
        asked = self._index.lexical.ask(query)
        found: dict[int, set[str]] = {}
        for name, rows_found in self._found(vector, asked, hints, channel, among):
            for row in rows_found:
                found.setdefault(row, set()).add(name)
        if not found:
            return Candidates((), _NOTHING, admitted=admitted, passages_in_all=size)
        rows = list(found)
        lexical = self._index.lexical.evidence(asked, np.array(rows, dtype=np.int32))
        passages = tuple(self._index.passages[row] for row in rows)
        similarities = self._index.dense.similarities(vector, rows)
        found_by = tuple(map(frozenset, found.values()))
        seen = weigh(passages, similarities, lexical, hints)
        return Candidates(passages, seen, found_by, vector, admitted, size)

    def _found(
        self,
        vector: Vectors,
        asked: Asked,
        hints: Mapping[str, float],
        channel: Channel,
        among: Rows | None,
    ) -> Iterator[tuple[str, Iterable[int]]]:
        """Rows by what found them; `among` are those that may be."""
        dense, lexical = self._index.dense, self._index.lexical
        if channel is not Channel.LEXICAL and among is None:
            yield "dense", dense.nearest(vector, self.each)
        elif channel is not Channel.LEXICAL and among is not None:
            yield "dense", nearest_among(dense, vector, self.each, among)
        if channel is not Channel.DENSE:
            yield "lexical", lexical.best(asked, self.each, among=among).tolist()
        if channel is Channel.ALL:
            hinted = self._hinted(hints, asked)
            if among is not None:
                allowed = np.isin(np.arange(lexical.size), among, assume_unique=True)
                hinted = (row for row in hinted if allowed[row])
            yield "hint", hinted

    def _hinted(self, hints: Mapping[str, float], asked: Asked) -> Iterable[int]:
        """The best by their words, then the first of those that share none with the query."""
        for tag in likely_tags(hints):
            if (rows := self._tagged.get(tag)) is not None:
                best = self._index.lexical.best(asked, self.each, among=rows).tolist()
                yield from best
                others = (row for row in rows[: self.each].tolist() if row not in best)
                yield from islice(others, self.each - len(best))
