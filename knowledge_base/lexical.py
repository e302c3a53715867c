"""Finding passages by the words they share with the query (BM25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Passage
from knowledge_base.segmentation import terms

_METHOD = "lucene"  # scores are never negative and a term's is below its inverse frequency
_FEW = 4096
"""Passages that are scored one by one sooner than searched."""
_DEARER = 4
"""Looking one passage up in a list costs as much as adding this many of its entries."""
_ROUNDING = 1e-5
"""Relative; sums of the same scores in another order differ by less."""

Places = NDArray[np.int32]
"""Numbers of passages, `(n,)`."""


@dataclass(frozen=True)
class LexicalMatches:
    """What some passages share with one query; arrays are `(passages,)` float32."""

    scores: NDArray[np.float32]
    """BM25 over the highest sum that any passage could reach for this query, in [0, 1)."""
    coverage: NDArray[np.float32]
    """Share of the query's terms found, each weighted by how rare it is, in [0, 1]."""


@dataclass(frozen=True)
class Asked:
    """A query as the index understands it."""

    known: tuple[int, ...]
    """Its terms that some passage holds, in the order of the query."""
    highest: np.float32
    """The sum that no passage exceeds. Unknown terms raise it most: they are the rarest."""


class LexicalIndex:
    def __init__(self, bm25: bm25s.BM25) -> None:
        self._bm25 = bm25
        self._starts = np.asarray(bm25.scores["indptr"])
        self._passages = np.asarray(bm25.scores["indices"])
        self._weights = np.asarray(bm25.scores["data"])
        self.size = int(bm25.scores["num_docs"])
        self._check_order()
        self._peaks = self._highest_weights()

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> LexicalIndex:
        bm25 = bm25s.BM25(method=_METHOD)
        bm25.index(_numbered(passages), create_empty_token=False, show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, directory: Path, *, mapped: bool = False) -> LexicalIndex:
        """Raises OSError, ValueError or KeyError on files that `save` did not write.

        `mapped` leaves the lists on the disk until they are needed: the files must stay.
        """
        return cls(bm25s.BM25.load(directory, mmap=mapped, show_progress=False))

    def save(self, directory: Path) -> None:
        self._bm25.save(directory, show_progress=False)

    def ask(self, query: str) -> Asked:
        wanted = dict.fromkeys(terms(query))
        vocabulary = self._bm25.vocab_dict
        known = tuple(vocabulary[term] for term in wanted if term in vocabulary)
        highest = np.float32(len(wanted) - len(known)) * self._rarity(0)
        for term in known:
            highest += self._rarity(self._count(term))
        return Asked(known, highest)

    def best(self, asked: Asked, limit: int, *, among: Places | None = None) -> Places:
        """Up to `limit` passages that share a term with the query, best first; of equals the first.

        `among`, ascending, leaves out all others. Term by term from the rarest, until no passage
        that holds none of those seen could be one of the best; the longest lists are then only
        looked up, not read (MaxScore: Turtle and Flood, Query evaluation, 1995,
        https://doi.org/10.1016/0306-4573(95)00020-H).
        """
        if among is not None and len(among) <= _FEW:
            return self._first(asked, among, limit)
        order = sorted(asked.known, key=lambda term: -self._peaks[term])
        rest = [*accumulate((float(self._peaks[term]) for term in reversed(order)), initial=0.0)]
        rest.reverse()
        sums = np.zeros(self.size, dtype=np.float32)
        rows, read, least = self._read(order, rest, sums, limit, self._mask(among))
        for number, term in enumerate(order[read:], start=read):
            rows = rows[sums[rows] + rest[number] >= least * (1 - _ROUNDING)]
            self._add(term, rows, sums)
            least = max(least, _nth(sums[rows], limit))
        return self._first(asked, rows[sums[rows] >= least * (1 - _ROUNDING)], limit)

    def evidence(self, asked: Asked, rows: Places) -> LexicalMatches:
        """Of those passages, in their order."""
        rows = np.asarray(rows, dtype=self._passages.dtype)
        scores = np.zeros(len(rows), dtype=np.float32)
        covered = np.zeros(len(rows), dtype=np.float32)
        for term in asked.known:
            places, held = self._look_up(term, rows)
            scores[held] += self._weights[places]
            covered[held] += self._rarity(self._count(term))
        if asked.known:
            scores /= asked.highest
            covered /= asked.highest
        return LexicalMatches(scores, covered)

    def match(self, query: str) -> LexicalMatches:
        """Of every passage of the index: the plain way, whose time grows with them."""
        return self.evidence(self.ask(query), np.arange(self.size, dtype=np.int32))

    def _read(
        self,
        order: Sequence[int],
        rest: Sequence[float],
        sums: NDArray[np.float32],
        limit: int,
        mask: NDArray[np.bool_] | None,
    ) -> tuple[Places, int, float]:
        """The passages that can be among the best, the number of terms read for them, and a sum
        that the last of the best reaches at least."""
        seen: list[Places] = [np.empty(0, dtype=self._passages.dtype)]
        least = 0.0
        for number, term in enumerate(order):
            if rest[number] < least * (1 - _ROUNDING):
                return np.concatenate(seen), number, least
            holders, weights = self._postings(term)
            if mask is not None:
                inside = mask[holders]
                holders, weights = holders[inside], weights[inside]
            before = sums[holders]
            seen.append(holders[before == 0])
            sums[holders] = before + weights
            # The sums cannot be above what all terms so far may give.
            if rest[number + 1] < rest[0] - rest[number + 1]:
                least = _nth(sums[np.concatenate(seen)], limit)
        return np.concatenate(seen), len(order), least

    def _add(self, term: int, rows: Places, sums: NDArray[np.float32]) -> None:
        if _DEARER * len(rows) > self._count(term):
            holders, weights = self._postings(term)
            sums[holders] += weights
        else:
            places, held = self._look_up(term, rows)
            sums[rows[held]] += self._weights[places]

    def _first(self, asked: Asked, rows: Places, limit: int) -> Places:
        scores = self.evidence(asked, rows).scores
        found = np.flatnonzero(scores)
        chosen = found[np.lexsort((rows[found], -scores[found]))[:limit]]
        return rows[chosen]

    def _look_up(self, term: int, rows: Places) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where the term's weights lie for those of `rows` that hold it, and which these are."""
        holders, _ = self._postings(term)
        places = np.searchsorted(holders, rows)
        held = holders[np.minimum(places, len(holders) - 1)] == rows
        return places[held] + self._starts[term], held

    def _postings(self, term: int) -> tuple[Places, NDArray[np.float32]]:
        span = slice(self._starts[term], self._starts[term + 1])
        return self._passages[span], self._weights[span]

    def _count(self, term: int) -> int:
        return int(self._starts[term + 1] - self._starts[term])

    def _mask(self, among: Places | None) -> NDArray[np.bool_] | None:
        if among is None:
            return None
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[among] = True
        return mask

    def _rarity(self, frequency: int) -> np.float32:
        """The inverse document frequency of Lucene's BM25."""
        return np.float32(np.log1p((self.size - frequency + 0.5) / (frequency + 0.5)))

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
        return peaks


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
