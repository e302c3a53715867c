"""Finding passages by the words they share with the query (BM25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Self

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Passage
from knowledge_base.segmentation import terms

_K1, _B = 1.5, 0.75
_LENGTHS = "lengths.npy"
_METHOD = "lucene"  # scores are never negative and a term's is below its inverse frequency
_FEW = 4096
"""Passages that are scored one by one sooner than searched."""
_DEARER = 4
"""Looking one passage up in a list costs as much as adding this many of its entries."""
_ROUNDING = 1e-5
"""Relative; sums of the same scores in another order differ by less."""

Places = NDArray[np.int32]
"""Numbers of passages, `(n,)`."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class LexicalMatches:
    """What some passages share with one query; arrays are `(passages,)` float32."""

    scores: NDArray[np.float32]
    """BM25 over the highest sum that any passage could reach for this query, in [0, 1)."""
    coverage: NDArray[np.float32]
    """Share of the query's terms found, each weighted by how rare it is, in [0, 1]."""


@dataclass
class Scan:
    """What was read of an index for one query."""

    order: list[int] = field(default_factory=list)
    """The query's terms, from the one that may weigh most."""
    rest: list[float] = field(default_factory=list)
    """What a passage may gain from each term and those behind it; 0 at the end."""
    read: int = 0
    """Terms whose whole lists were added up."""
    sums: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    """`(passages,)`, of the terms read."""
    seen: list[Places] = field(default_factory=list)
    """Passages with a sum above 0."""


@dataclass(frozen=True)
class Asked:
    """A query as the index understands it, for one thread."""

    known: tuple[int, ...]
    """Its terms that some passage holds, in the order of the query."""
    highest: np.float32
    """The sum that no passage exceeds. Unknown terms raise it most: they are the rarest."""
    parts: tuple[Asked, ...] = ()
    """Where an index is spliced of several, how each of them understands it."""
    scan: Scan = field(default_factory=Scan, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class Tuning:
    """What makes an index score as if its passages stood among others."""

    before: NDArray[np.float32]
    """`(terms,)`, how rare each is here."""
    rarities: NDArray[np.float32]
    """`(terms,)`, how rare each is there."""
    lengths: NDArray[np.float32]
    """`(passages,)`: what a passage's length costs there over what it costs here. GONE for one
    that is found no more."""


GONE = np.float32(np.inf)


@dataclass(frozen=True)
class LexicalTable:
    """All that an index knows, for another engine to search."""

    rarities: Mapping[str, float]
    """Of every term; its place here is its number in `terms`."""
    unknown: float
    """The rarity of a term that no passage holds."""
    starts: NDArray[np.int64]
    """`(passages + 1,)`: passage `p` holds `terms[starts[p]:starts[p + 1]]`."""
    terms: NDArray[np.int32]
    weights: NDArray[np.float32]
    """What each of these terms adds to the passage's sum."""


class LexicalIndex:
    def __init__(
        self,
        bm25: bm25s.BM25,
        lengths: NDArray[np.int32] | None = None,
        *,
        tuning: Tuning | None = None,
    ) -> None:
        """`lengths`, `(passages,)`, in terms; None where an older program built the index."""
        self._bm25 = bm25
        self._starts = np.asarray(bm25.scores["indptr"])
        self._passages = np.asarray(bm25.scores["indices"])
        self._weights = np.asarray(bm25.scores["data"])
        self.size = int(bm25.scores["num_docs"])
        self.lengths = lengths
        self._tuning = tuning
        self._check_order()
        self._peaks = self._highest_weights()

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> LexicalIndex:
        bm25 = bm25s.BM25(k1=_K1, b=_B, method=_METHOD)
        texts, vocabulary = _numbered(passages)
        bm25.index((texts, vocabulary), create_empty_token=False, show_progress=False)
        return cls(bm25, np.array([len(text) for text in texts], dtype=np.int32))

    @classmethod
    def load(cls, directory: Path, *, mapped: bool = False) -> LexicalIndex:
        """Raises OSError, ValueError or KeyError on files that `save` did not write.

        `mapped` leaves the lists on the disk until they are needed: the files must stay.
        """
        file = directory / _LENGTHS
        lengths = np.load(file, allow_pickle=False) if file.exists() else None
        return cls(bm25s.BM25.load(directory, mmap=mapped, show_progress=False), lengths)

    def save(self, directory: Path) -> None:
        self._bm25.save(directory, show_progress=False)
        if self.lengths is not None:
            np.save(directory / _LENGTHS, self.lengths, allow_pickle=False)

    @property
    def vocabulary(self) -> Mapping[str, int]:
        found: Mapping[str, int] = self._bm25.vocab_dict
        return found

    def counts(self, without: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """`(terms,)`, passages that hold each; `without`, `(passages,)`, are not counted."""
        counts = np.diff(self._starts).astype(np.int64)
        if without is not None and without.any():
            ends = np.cumsum(without[self._passages], dtype=np.int64)
            counts -= np.diff(np.r_[0, ends][self._starts])
        return counts

    def tuned(self, counts: NDArray[np.int64], *, among: int, mean: float, kept: Mask) -> Self:
        """Scores as in an index of `among` passages of `mean` terms, whose terms have `counts`.

        A weight w is idf x, with x = tf / (K + tf) and K = k1 (1 - b + b length / mean). Other
        statistics change only idf and K: x' = tf / (K' + tf) = x / (K' / K (1 - x) + x), so
        that nothing needs to be counted again.
        """
        if self.lengths is None:
            raise ValueError("the lengths of the passages are not known")
        here = _length_costs(self.lengths, float(self.lengths.mean()))
        there = _length_costs(self.lengths, mean)
        tuning = Tuning(
            before=_rarities(self.counts(), self.size),
            rarities=_rarities(counts, among),
            lengths=np.where(kept, there / here, GONE).astype(np.float32),
        )
        return type(self)(self._bm25, self.lengths, tuning=tuning)

    def ask(self, query: str) -> Asked:
        wanted = dict.fromkeys(terms(query))
        vocabulary = self._bm25.vocab_dict
        known = tuple(vocabulary[term] for term in wanted if term in vocabulary)
        highest = np.float32(len(wanted) - len(known)) * self._rarity(0)
        for term in known:
            highest += self._rarity_of(term)
        return Asked(known, highest)

    def best(self, asked: Asked, limit: int, *, among: Places | None = None) -> Places:
        """Up to `limit` passages that share a term with the query, best first; of equals the first.

        `among`, ascending, leaves out all others. Term by term from the rarest, until no passage
        that holds none of those seen could be one of the best; the longest lists are then only
        looked up, not read (MaxScore: Turtle and Flood, Query evaluation, 1995,
        https://doi.org/10.1016/0306-4573(95)00020-H). What was read for one call serves the
        others of the same query: so the best among few come nearly free after the best of all.
        """
        scan = self._begun(asked)
        if among is None:
            least = self._read(scan, limit)
            among = np.concatenate([self._passages[:0], *scan.seen])
        elif len(among) <= _FEW and not scan.read:
            return self._first(asked, among, limit)
        else:
            least = 0.0
        rows, sums = among, scan.sums[among]
        for number, term in enumerate(scan.order[scan.read :], start=scan.read):
            least = max(least, _nth(sums, limit))
            hopeful = sums + scan.rest[number] >= least * (1 - _ROUNDING)
            rows, sums = rows[hopeful], sums[hopeful]
            if number == scan.read and _DEARER * len(rows) > self._count(term):
                self._read_next(scan)
                sums = scan.sums[rows]
            else:
                places, held = self._look_up(term, rows)
                sums[held] += self._weigh(term, self._weights[places], rows[held])
        least = max(least, _nth(sums, limit))
        return self._first(asked, rows[(sums > 0) & (sums >= least * (1 - _ROUNDING))], limit)

    def evidence(self, asked: Asked, rows: Places) -> LexicalMatches:
        """Of those passages, in their order."""
        rows = np.asarray(rows, dtype=self._passages.dtype)
        scores = np.zeros(len(rows), dtype=np.float32)
        covered = np.zeros(len(rows), dtype=np.float32)
        for term in asked.known:
            places, held = self._look_up(term, rows)
            scores[held] += self._weigh(term, self._weights[places], rows[held])
            covered[held] += self._rarity_of(term)
        if asked.known:
            scores /= asked.highest
            covered /= asked.highest
        return LexicalMatches(scores, covered)

    def match(self, query: str) -> LexicalMatches:
        """Of every passage of the index: the plain way, whose time grows with them."""
        return self.evidence(self.ask(query), np.arange(self.size, dtype=np.int32))

    def table(self) -> LexicalTable:
        """By passage what lies here by term."""
        vocabulary = self._bm25.vocab_dict
        ordered = sorted(vocabulary, key=vocabulary.__getitem__)
        counts = np.diff(self._starts)
        order = np.argsort(self._passages, kind="stable")
        holders = np.arange(self.size + 1)
        return LexicalTable(
            rarities={term: float(self._rarity(int(counts[n]))) for n, term in enumerate(ordered)},
            unknown=float(self._rarity(0)),
            starts=np.searchsorted(self._passages[order], holders),
            terms=np.repeat(np.arange(len(counts), dtype=np.int32), counts)[order],
            weights=self._weights[order],
        )

    def _begun(self, asked: Asked) -> Scan:
        scan = asked.scan
        if not scan.rest:
            scan.order = sorted(asked.known, key=lambda term: -self._peaks[term])
            peaks = (float(self._peaks[term]) for term in reversed(scan.order))
            scan.rest = [*accumulate(peaks, initial=0.0)][::-1]
            scan.sums = np.zeros(self.size, dtype=np.float32)
        return scan

    def _read(self, scan: Scan, limit: int) -> float:
        """Until what was seen holds the best of all; a sum that the last of them reaches."""
        least = 0.0
        while scan.read < len(scan.order) and scan.rest[scan.read] >= least * (1 - _ROUNDING):
            self._read_next(scan)
            # The sums cannot be above what all terms so far may give.
            if scan.rest[scan.read] < scan.rest[0] - scan.rest[scan.read]:
                least = _nth(scan.sums[np.concatenate(scan.seen)], limit)
        return least

    def _read_next(self, scan: Scan) -> None:
        holders, weights = self._postings(scan.order[scan.read])
        before = scan.sums[holders]
        scan.seen.append(holders[before == 0])
        scan.sums[holders] = before + weights
        scan.read += 1

    def _first(self, asked: Asked, rows: Places, limit: int) -> Places:
        scores = self.evidence(asked, rows).scores
        found = np.flatnonzero(scores)
        chosen = found[np.lexsort((rows[found], -scores[found]))[:limit]]
        return rows[chosen]

    def _look_up(self, term: int, rows: Places) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where the term's weights lie for those of `rows` that hold it, and which these are."""
        holders = self._passages[self._span(term)]
        places = np.searchsorted(holders, rows)
        held = holders[np.minimum(places, len(holders) - 1)] == rows
        return places[held] + self._starts[term], held

    def _postings(self, term: int) -> tuple[Places, NDArray[np.float32]]:
        span = self._span(term)
        holders = self._passages[span]
        return holders, self._weigh(term, self._weights[span], holders)

    def _weigh(
        self, term: int, weights: NDArray[np.float32], holders: Places
    ) -> NDArray[np.float32]:
        if self._tuning is None:
            return weights
        tuning = self._tuning
        return _retuned(
            weights, tuning.before[term], tuning.rarities[term], tuning.lengths[holders]
        )

    def _span(self, term: int) -> slice:
        return slice(self._starts[term], self._starts[term + 1])

    def _count(self, term: int) -> int:
        return int(self._starts[term + 1] - self._starts[term])

    def _rarity_of(self, term: int) -> np.float32:
        if self._tuning is not None:
            return np.float32(self._tuning.rarities[term])
        return self._rarity(self._count(term))

    def _rarity(self, frequency: int) -> np.float32:
        return rarity(frequency, self.size)

    def _check_order(self) -> None:
        """Looking up needs every list ascending."""
        falls = np.flatnonzero(self._passages[1:] <= self._passages[:-1]) + 1
        if not np.isin(falls, self._starts).all():
            raise ValueError("the passages of a term are not in order")

    def _highest_weights(self) -> NDArray[np.float32]:
        """`(terms,)`; a term that no passage holds has none."""
        peaks = np.zeros(len(self._starts) - 1, dtype=np.float32)
        filled = np.flatnonzero(np.diff(self._starts))
        if len(filled):
            peaks[filled] = np.maximum.reduceat(self._weights, self._starts[filled])
        if self._tuning is not None:
            # No weight is above that of the highest one on the passage whose length costs least.
            tuning = self._tuning
            peaks = _retuned(peaks, tuning.before, tuning.rarities, tuning.lengths.min())
        return peaks


def _retuned(
    weights: NDArray[np.float32],
    before: NDArray[np.float32],
    rarities: NDArray[np.float32],
    lengths: NDArray[np.float32],
) -> NDArray[np.float32]:
    return np.asarray(rarities * weights / (lengths * (before - weights) + weights))


def rarity(frequency: int, among: int) -> np.float32:
    """The inverse document frequency of Lucene's BM25."""
    return np.float32(np.log1p((among - frequency + 0.5) / (frequency + 0.5)))


def _rarities(counts: NDArray[np.int64], among: int) -> NDArray[np.float32]:
    return np.log1p((among - counts + 0.5) / (counts + 0.5)).astype(np.float32)


def _length_costs(lengths: NDArray[np.int32], mean: float) -> NDArray[np.float64]:
    return np.asarray(_K1 * (1 - _B + _B * lengths / mean), dtype=np.float64)


def _nth(values: NDArray[np.float32], limit: int) -> float:
    """The last of the `limit` highest; 0 where there are fewer."""
    if len(values) < limit:
        return 0.0
    return float(np.partition(values, len(values) - limit)[len(values) - limit])


def _numbered(passages: Sequence[Passage]) -> tuple[list[list[int]], dict[str, int]]:
    """Terms as numbers, and what they stand for: a million texts of strings would not fit."""
    vocabulary: dict[str, int] = {}
    texts = [
        [vocabulary.setdefault(term, len(vocabulary)) for term in _passage_terms(passage)]
        for passage in passages
    ]
    return texts, vocabulary


def _passage_terms(passage: Passage) -> list[str]:
    texts = [*passage.questions, passage.title, passage.text]
    # A passage of signs alone still needs its place in the index; no query asks for "".
    return [term for text in texts for term in terms(text)] or [""]
