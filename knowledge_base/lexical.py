"""Finding passages by the words they share with the query (BM25)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Passage
from knowledge_base.segmentation import terms

_METHOD = "lucene"  # scores are never negative and a term's is below its inverse frequency


@dataclass(frozen=True)
class LexicalMatches:
    """What every passage of the index shares with one query; arrays are `(passages,)` float32."""

    scores: NDArray[np.float32]
    """BM25 over the highest sum that any passage could reach for this query, in [0, 1)."""
    coverage: NDArray[np.float32]
    """Share of the query's terms found, each weighted by how rare it is, in [0, 1]."""


class LexicalIndex:
    def __init__(self, bm25: bm25s.BM25) -> None:
        self._bm25 = bm25
        self._starts = np.asarray(bm25.scores["indptr"])
        self._passages = np.asarray(bm25.scores["indices"])
        self.size = int(bm25.scores["num_docs"])

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> LexicalIndex:
        bm25 = bm25s.BM25(method=_METHOD)
        bm25.index([_passage_terms(passage) for passage in passages], show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, directory: Path) -> LexicalIndex:
        """Raises OSError, ValueError or KeyError on files that `save` did not write."""
        return cls(bm25s.BM25.load(directory, show_progress=False))

    def save(self, directory: Path) -> None:
        self._bm25.save(directory, show_progress=False)

    def match(self, query: str) -> LexicalMatches:
        """Unknown terms lower every score: they are the rarest of all."""
        wanted = dict.fromkeys(terms(query))
        known = [self._bm25.vocab_dict[term] for term in wanted if term in self._bm25.vocab_dict]
        covered = np.zeros(self.size, dtype=np.float32)
        if not known:
            return LexicalMatches(covered, covered)
        highest = (len(wanted) - len(known)) * self._rarity(0)
        for term in known:
            holders = self._passages[self._starts[term] : self._starts[term + 1]]
            covered[holders] += self._rarity(len(holders))
            highest += self._rarity(len(holders))
        scores = self._bm25.get_scores_from_ids(known)
        return LexicalMatches(scores / highest, covered / highest)

    def _rarity(self, frequency: int) -> np.float32:
        """The inverse document frequency of Lucene's BM25."""
        return np.float32(np.log1p((self.size - frequency + 0.5) / (frequency + 0.5)))


def _passage_terms(passage: Passage) -> list[str]:
    texts = [*passage.questions, passage.title, passage.text]
    # A passage of signs alone still needs its place in the index; no query asks for "".
    return [term for text in texts for term in terms(text)] or [""]
