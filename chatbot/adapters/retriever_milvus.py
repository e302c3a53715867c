"""Searches a version that lies on a Milvus server: for collections that outgrow one machine.

Milvus finds candidates by vectors and by words; they are weighed here, from the same vectors and
the same weights of words as in `knowledge_base.search`, hence the same scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from chatbot.adapters.milvus_marks import filter_of
from chatbot.adapters.milvus_server import (
    PASSAGES,
    TERMS,
    VECTORS,
    Facts,
    MilvusServer,
    among,
    key_of,
    part_of,
)
from knowledge_base.dense import DenseIndex, Similarities
from knowledge_base.embedding import Vectors
from knowledge_base.errors import EmbedderMismatch, IndexCorrupt
from knowledge_base.fusion import FEATURES
from knowledge_base.index_kind import IndexKind
from knowledge_base.lexical import LexicalMatches
from knowledge_base.passages import Filter, Passage
from knowledge_base.ranking import Candidates, Channel, Knowledge, likely_tags, weigh
from knowledge_base.records import load_passages
from knowledge_base.segmentation import terms
from knowledge_base.taught import Means

_EFFORT = {"HNSW": {"ef": 128}, "IVF_SQ8": {"nprobe": 32}}
_SPARE = 4
"""Times as many passages are asked for by words as are wanted: those with the same sum come in no
certain order, and the first of them are meant."""
_DIGITS = 4
"""Of a sum of weights, that two ways of adding agree in."""
_REACH_MOST = 16_384
"""Rows that Milvus returns at most."""
_NOTHING = Candidates((), np.empty((0, len(FEATURES)), dtype=np.float32))


@dataclass(frozen=True)
class _Term:
    place: int
    rarity: np.float32


@dataclass(frozen=True)
class _Asked:
    known: tuple[_Term, ...]
    """The query's terms that some passage holds, in the order of the query."""
    highest: np.float32
    """The sum that no passage exceeds."""


@dataclass(frozen=True)
class _Row:
    passage: Passage
    weights: Mapping[int, float]


class MilvusRetriever(Knowledge):
    """One version on the server; it never changes, so threads may share it.

    Holds nothing of it in memory. A search is five requests, and one or two more for each likely
    tag. Raises KnowledgeServerUnavailable.
    """

    def __init__(
        self,
        server: MilvusServer,
        collection: str,
        version: str,
        *,
        facts: Facts,
        means: Means,
    ) -> None:
        super().__init__(means.embedder, means.scorer, means.second)
        self._server = server
        self._version = version
        self._facts = facts
        self._name = {
            part: part_of(collection, version, part) for part in (PASSAGES, VECTORS, TERMS)
        }

    @classmethod
    def open(
        cls,
        server: MilvusServer,
        collection: str,
        version: str,
        *,
        means: Callable[[str], Means],
    ) -> MilvusRetriever:
        """`means` by the name of an embedder. Raises IndexCorrupt for a version that was never
        finished, IndexOutdated and EmbedderMismatch."""
        facts = server.facts(collection, version)
        if facts is None:
            raise IndexCorrupt(version, "is not whole on the Milvus server")
        chosen = means(facts.encoder)
        embedder = chosen.embedder
        if facts.fingerprint != embedder.fingerprint:
            raise EmbedderMismatch(
                built_with=f"{facts.encoder} {facts.fingerprint[:8]}",
                loaded=f"{embedder.name} {embedder.fingerprint[:8]}",
            )
        server.load(collection, version)
        return cls(server, collection, version, facts=facts, means=chosen)

    @property
    def version(self) -> str:
        return self._version

    def candidates(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        channel: Channel = Channel.ALL,
        only: Filter | None = None,
    ) -> Candidates:
        query = query.strip()[: self.longest_query]
        if not query:
            return _NOTHING
        vector = self._embedder.encode_queries([query])[0]
        asked = self._ask(query)
        found: dict[int, set[str]] = {}
        for name, numbers in self._found(vector, asked, hints, channel, only):
            for row in numbers:
                found.setdefault(row, set()).add(name)
        if not found:
            return _NOTHING
        rows = list(found)
        held = self._held(rows)
        passages = tuple(row.passage for row in held)
        return Candidates(
            passages,
            weigh(passages, self._similarities(vector, rows), _matches(asked, held), hints),
            found_by=tuple(map(frozenset, found.values())),
            query=vector,
            admitted=self._facts.passages,
            passages_in_all=self._facts.passages,
        )

    def _found(
        self,
        vector: Vectors,
        asked: _Asked,
        hints: Mapping[str, float],
        channel: Channel,
        only: Filter | None,
    ) -> Iterator[tuple[str, Iterable[int]]]:
        """Rows by what found them."""
        if channel is not Channel.LEXICAL:
            yield "dense", self._nearest(vector, self.each, only)
        if channel is not Channel.DENSE:
            yield "lexical", self._best(asked, self.each, filter_of(only))
        if channel is Channel.ALL:
            yield "hint", self._hinted(hints, asked, only)

    def _ask(self, query: str) -> _Asked:
        wanted = {key_of(term): term for term in terms(query)}
        rows = self._query(TERMS, "key", list(wanted), ["key", "place", "rarity"])
        known = {row["key"]: _Term(row["place"], np.float32(row["rarity"])) for row in rows}
        found = tuple(known[key] for key in wanted if key in known)
        # In the order in which an index in memory adds them, so that they round alike.
        highest = np.float32(len(wanted) - len(found)) * np.float32(self._facts.unknown)
        for term in found:
            highest += term.rarity
        return _Asked(found, highest)

    def _nearest(self, vector: Vectors, limit: int, only: Filter | None) -> list[int]:
        """Up to `limit` passages, nearest first."""
        wanted = min(limit, self._facts.passages)
        reach = min(2 * wanted, self._facts.vectors)
        most = min(self._facts.vectors, _REACH_MOST)
        while True:
            found = self._search(
                *(VECTORS, "vector", vector, reach),
                fields=["row"],
                only=filter_of(only),
                effort=_EFFORT.get(self._facts.index, {}),
            )
            passages = dict.fromkeys(int(hit["entity"]["row"]) for hit in found)
            # A graph may return less than it was asked for, however far one reaches.
            if len(passages) >= wanted or reach >= most or len(found) < reach:
                return list(passages)[:wanted]
            reach = min(4 * reach, most)

    def _best(self, asked: _Asked, limit: int, only: str) -> list[int]:
        """Up to `limit` passages that share a term with the query, best first; of equals the first.

        `only` is a filter as Milvus reads it.
        """
        if not asked.known:
            return []
        weights = {term.place: 1.0 for term in asked.known}
        found = self._search(*(PASSAGES, "words", weights, _SPARE * limit), only=only)
        ranked = sorted(found, key=lambda hit: (-round(hit["distance"], _DIGITS), hit["row"]))
        return [int(hit["row"]) for hit in ranked[:limit]]

    def _hinted(
        self, hints: Mapping[str, float], asked: _Asked, only: Filter | None
    ) -> Iterator[int]:
        """The best by their words, then the first of those that share none with the query."""
        for tag in likely_tags(hints):
            wanted = filter_of(only, tag=tag)
            best = self._best(asked, self.each, wanted)
            yield from best
            if len(best) < self.each:
                with self._server.asked() as client:
                    first = client.query(
                        self._name[PASSAGES],
                        filter=wanted,
                        output_fields=["row"],
                        limit=self.each,
                        timeout=self._server.seconds,
                    )
                rows = sorted(int(row["row"]) for row in first)
                others = (row for row in rows if row not in best)
                yield from islice(others, self.each - len(best))

    def _held(self, rows: Sequence[int]) -> list[_Row]:
        found = self._query(PASSAGES, "row", rows, ["row", "words", "pieces"])
        held = {
            int(row["row"]): _Row(
                load_passages("".join(row["pieces"]).encode())[0], dict(row["words"])
            )
            for row in found
        }
        if len(held) < len(rows):
            raise IndexCorrupt(self._version, "lacks passages on the Milvus server")
        return [held[row] for row in rows]

    def _similarities(self, vector: Vectors, rows: Sequence[int]) -> Similarities:
        found = self._query(VECTORS, "row", rows, ["number", "row", "vector"])
        found.sort(key=lambda row: int(row["number"]))
        place = {row: n for n, row in enumerate(dict.fromkeys(int(r["row"]) for r in found))}
        if len(place) < len(rows):
            raise IndexCorrupt(self._version, "lacks vectors on the Milvus server")
        local = DenseIndex.build(
            np.array([row["vector"] for row in found], dtype=np.float32),
            np.array([place[int(row["row"])] for row in found], dtype=np.int32),
            kind=IndexKind.FLAT,
        )
        return local.similarities(vector, [place[row] for row in rows])

    def _search(
        self,
        part: str,
        field: str,
        wanted: Any,
        limit: int,
        *,
        fields: Sequence[str] = (),
        only: str = "",
        effort: Mapping[str, int] | None = None,
    ) -> list[Any]:
        with self._server.asked() as client:
            found = client.search(
                self._name[part],
                data=[wanted],
                anns_field=field,
                limit=limit,
                filter=only,
                output_fields=list(fields),
                search_params={"metric_type": "IP", "params": dict(effort or {})},
                timeout=self._server.seconds,
            )
        return list(found[0]) if found else []

    def _query(
        self, part: str, field: str, numbers: Sequence[int], fields: Sequence[str]
    ) -> list[Any]:
        if not numbers:
            return []
        with self._server.asked() as client:
            return list(
                client.query(
                    self._name[part],
                    filter=among(field, numbers),
                    output_fields=list(fields),
                    timeout=self._server.seconds,
                )
            )


def _matches(asked: _Asked, rows: Sequence[_Row]) -> LexicalMatches:
    scores = np.zeros(len(rows), dtype=np.float32)
    covered = np.zeros(len(rows), dtype=np.float32)
    for term in asked.known:
        for number, row in enumerate(rows):
            if (weight := row.weights.get(term.place)) is not None:
                scores[number] += np.float32(weight)
                covered[number] += term.rarity
    if asked.known:
        scores /= asked.highest
        covered /= asked.highest
    return LexicalMatches(scores, covered)
