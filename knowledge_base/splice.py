"""A large index and the small one of what changed since, searched as if they were one.

Passages are numbered as a whole build would number them. Vectors, words and order are exactly
those of a whole build; scores differ by rounding alone (some 1e-6).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from knowledge_base.dense import DenseIndex, Left, Rows, Similarities
from knowledge_base.embedding import Vectors
from knowledge_base.index_kind import IndexKind
from knowledge_base.lexical import Asked, LexicalIndex, LexicalMatches, Places, rarity
from knowledge_base.segmentation import terms

Record = TypeVar("Record", covariant=True)


class Nearness(Protocol):
    """What finds passages by their vectors: a DenseIndex or two of them."""

    @property
    def size(self) -> int: ...

    @property
    def kind(self) -> IndexKind: ...

    @property
    def dimension(self) -> int: ...

    def nearest(self, query: Vectors, limit: int) -> list[int]: ...

    def similarities(self, query: Vectors, passages: Sequence[int]) -> Similarities: ...


class Words(Protocol):
    """What finds passages by their words: a LexicalIndex or two of them."""

    @property
    def size(self) -> int: ...

    def ask(self, query: str) -> Asked: ...

    def best(self, asked: Asked, limit: int, *, among: Places | None = None) -> Places: ...

    def evidence(self, asked: Asked, rows: Places) -> LexicalMatches: ...

    def match(self, query: str) -> LexicalMatches: ...


class Splice:
    """Where each item of the whole lies: `sources` holds the number in the base, or -1 minus the
    number among what was added. Both ascend. Raises ValueError where they do not fit."""

    def __init__(self, sources: Rows, *, base: int, added: int) -> None:
        self.sources = sources
        self.places = (_inverse(sources, base), _inverse(-1 - sources, added))
        """`(items,)` of either part, the number in the whole; -1 for what is not in it."""
        self.gone = self.places[0] < 0
        """`(items,)` of the base."""
        if (self.places[1] < 0).any():
            raise ValueError("not all that was added has a place")

    def __len__(self) -> int:
        return len(self.sources)

    def split(self, rows: NDArray[np.int32]) -> tuple[NDArray[np.bool_], tuple[Rows, Rows]]:
        """Which of `rows` lie in the base, and the numbers of either kind in their part."""
        found = self.sources[rows]
        inside = found >= 0
        return inside, (found[inside], -1 - found[~inside])


class SplicedItems(Sequence[Record]):
    def __init__(self, base: Sequence[Record], added: Sequence[Record], splice: Splice) -> None:
        self._base, self._added = base, added
        self._sources = splice.sources

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, number: int) -> Record: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Record]: ...
    def __getitem__(self, number: int | slice) -> Record | Sequence[Record]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        source = int(self._sources[number])
        return self._base[source] if source >= 0 else self._added[-1 - source]


class SplicedVectors:
    """`added` is None where documents only went."""

    def __init__(self, base: DenseIndex, added: DenseIndex | None, splice: Splice) -> None:
        self._base, self._added, self._splice = base, added, splice
        self._left = Left(splice.gone)
        self.size = len(splice)
        self.kind, self.dimension = base.kind, base.dimension

    def nearest(self, query: Vectors, limit: int) -> list[int]:
        """Up to `limit` passages, nearest first; `query` is `(d,)`."""
        first, second = self._splice.places
        found = [
            (-cosine, int(first[row]))
            for row, cosine in self._base.closest(query, limit, without=self._left)
        ]
        if self._added is not None:
            closest = self._added.closest(query, limit)
            found += [(-cosine, int(second[row])) for row, cosine in closest]
        return [row for _, row in sorted(found)[:limit]]

    def similarities(self, query: Vectors, passages: Sequence[int]) -> Similarities:
        """`query` is `(d,)`."""
        inside, parts = self._splice.split(np.asarray(passages, dtype=np.int32))
        columns = np.empty((3, len(inside)), dtype=np.float32)
        for here, part, rows in zip((inside, ~inside), self._parts(), parts, strict=False):
            if len(rows):
                found = part.similarities(query, rows.tolist())
                columns[:, here] = found.text, found.nearest, found.average
        return Similarities(*columns)

    def _parts(self) -> list[DenseIndex]:
        return [self._base] if self._added is None else [self._base, self._added]


class SplicedWords:
    """The base and what was added, each tuned to the statistics of both without what went."""

    def __init__(self, base: LexicalIndex, added: LexicalIndex | None, splice: Splice) -> None:
        self._splice = splice
        self.size = len(splice)
        untuned = [base] if added is None else [base, added]
        kept = [~splice.gone, np.ones(0 if added is None else added.size, dtype=np.bool_)]
        lengths = [part.lengths for part in untuned]
        terms_in_all = sum(
            int(length[here].sum(dtype=np.int64))
            for length, here in zip(lengths, kept, strict=False)
            if length is not None
        )
        counts = [part.counts(~here) for part, here in zip(untuned, kept, strict=False)]
        _exchange(counts, untuned)
        self._parts = [
            part.tuned(mine, among=self.size, mean=terms_in_all / self.size, kept=here)
            for part, mine, here in zip(untuned, counts, kept, strict=False)
        ]
        self._counts = counts

    def ask(self, query: str) -> Asked:
        known: list[list[int]] = [[] for _ in self._parts]
        found: list[int] = []
        unknown = 0
        for term in dict.fromkeys(terms(query)):
            frequency = 0
            for part, counts, mine in zip(self._parts, self._counts, known, strict=True):
                if (number := part.vocabulary.get(term)) is not None and counts[number]:
                    mine.append(number)
                    frequency = int(counts[number])
            found += [frequency] if frequency else []
            unknown += not frequency
        highest = np.float32(unknown) * rarity(0, self.size)
        for frequency in found:
            highest += rarity(frequency, self.size)
        parts = tuple(Asked(tuple(mine), highest) for mine in known)
        return Asked((), highest, parts)

    def best(self, asked: Asked, limit: int, *, among: Places | None = None) -> Places:
        """As LexicalIndex.best."""
        inside = [None, None] if among is None else self._splice.split(among)[1]
        rows, scores = [], []
        for part, mine, place, here in zip(
            *(self._parts, asked.parts, self._splice.places, inside), strict=False
        ):
            found = part.best(mine, limit, among=here)
            rows.append(place[found])
            scores.append(part.evidence(mine, found).scores)
        row, score = np.concatenate(rows), np.concatenate(scores)
        return row[np.lexsort((row, -score))[:limit]]

    def evidence(self, asked: Asked, rows: Places) -> LexicalMatches:
        """Of those passages, in their order."""
        inside, parts = self._splice.split(np.asarray(rows, dtype=np.int32))
        columns = np.zeros((2, len(inside)), dtype=np.float32)
        for here, part, mine, own in zip(
            *((inside, ~inside), self._parts, asked.parts, parts), strict=False
        ):
            found = part.evidence(mine, own)
            columns[:, here] = found.scores, found.coverage
        return LexicalMatches(*columns)

    def match(self, query: str) -> LexicalMatches:
        """Of every passage, whose time grows with them."""
        return self.evidence(self.ask(query), np.arange(self.size, dtype=np.int32))


def _exchange(counts: Sequence[NDArray[np.int64]], parts: Sequence[LexicalIndex]) -> None:
    """Where two parts hold a term, each learns how often both do."""
    if len(parts) < 2:
        return
    first, second = (part.vocabulary for part in parts)
    shared = [(first[term], number) for term, number in second.items() if term in first]
    if shared:
        here, there = np.array(shared).T
        both = counts[0][here] + counts[1][there]
        counts[0][here] = counts[1][there] = both


def _inverse(sources: Rows, size: int) -> Rows:
    places = np.full(size, -1, dtype=np.int32)
    rows = np.flatnonzero(sources >= 0)
    numbers = sources[rows]
    if len(numbers) and (numbers[-1] >= size or (np.diff(numbers) <= 0).any()):
        raise ValueError("items are not in order")
    places[numbers] = rows
    return places
