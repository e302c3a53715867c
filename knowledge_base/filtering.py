"""Which passages of an index a filter lets in, decided before anything is ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Document, Filter, Passage

Rows = NDArray[np.int32]


class Sieve:
    """The passages of one index by what filters ask of them, sorted out once."""

    def __init__(self, passages: Sequence[Passage], documents: Mapping[str, Document]) -> None:
        self._passages = passages
        self._documents = documents

    def rows(self, only: Filter) -> Rows:
        """`(n,)`, ascending: of the documents that `Filter.admits`."""
        mask = np.ones(len(self._passages), dtype=np.bool_)
        if only.language:
            mask &= self._among(self._languages, [only.language])
        if only.tags:
            mask &= self._among(self._tags, only.tags)
        if only.audience:
            mask &= self._among(self._audiences, ["", only.audience])
        return np.flatnonzero(mask).astype(np.int32)

    def _among(self, column: Mapping[str, Rows], wanted: Iterable[str]) -> NDArray[np.bool_]:
        mask = np.zeros(len(self._passages), dtype=np.bool_)
        for value in wanted:
            mask[column.get(value, [])] = True
        return mask

    @cached_property
    def _languages(self) -> dict[str, Rows]:
        return _places([passage.language] for passage in self._passages)

    @cached_property
    def _tags(self) -> dict[str, Rows]:
        return _places(passage.tags for passage in self._passages)

    @cached_property
    def _audiences(self) -> dict[str, Rows]:
        documents = self._documents
        return _places([documents[p.document_id].audience] for p in self._passages)


def _places(values: Iterable[Iterable[str]]) -> dict[str, Rows]:
    found: dict[str, list[int]] = defaultdict(list)
    for row, several in enumerate(values):
        for value in several:
            found[value].append(row)
    return {value: np.array(rows, dtype=np.int32) for value, rows in found.items()}
