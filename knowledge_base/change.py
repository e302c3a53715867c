"""What a new version must add to an older one, where that is less work than building it whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.catalogue import Catalogue, Rows
from knowledge_base.chunking import passages_of
from knowledge_base.dense import DenseIndex
from knowledge_base.encoding import Stock
from knowledge_base.index import (
    CATALOGUE,
    DOCUMENTS,
    LEXICAL,
    PASSAGES,
    ROWS,
    VECTORS,
    Opened,
    has_segment,
    is_of_kind,
)
from knowledge_base.index_kind import EXACT_UP_TO, IndexKind, chosen_kind
from knowledge_base.lines import Lines
from knowledge_base.passages import Document, Passage
from knowledge_base.records import load_passage

WHOLE_UP_TO = 5_000
"""Vectors: with fewer, a whole build of known texts takes a second or two."""
_MOST = 10
"""An addition or a loss above one part in so many of the base makes a whole version."""


@dataclass(frozen=True)
class Change:
    base: Opened
    documents: Sequence[Document]
    """Those that the base does not hold as they are now."""
    passages: Sequence[Passage]
    document_sources: Rows
    passage_sources: Rows
    """Of the new version, as Splice reads them."""
    gone: NDArray[np.bool_]
    """`(passages,)` of the base."""
    vectors: int
    """Of the new version."""

    @property
    def is_empty(self) -> bool:
        return not self.documents and not self.gone.any()


def change_since(
    standing: Opened,
    documents: Sequence[Document],
    lines: Sequence[bytes],
    *,
    kind: IndexKind | None,
    dimension: int,
) -> Change | None:
    """None where a whole version is to be built. `lines` are the documents as they are stored."""
    base = standing.base or standing
    counts = base.manifest["counts"]
    parts = {f"{CATALOGUE}/owners.npy", f"{LEXICAL}/lengths.npy"}
    if counts["vectors"] < WHOLE_UP_TO or not parts <= set(base.manifest["files"]):
        return None
    sources = _document_sources(Lines.of(base.folder / DOCUMENTS, bytes, mapped=False), lines)
    added = [documents[row] for row in np.flatnonzero(sources < 0).tolist()]
    if len(added) > len(documents) // _MOST:
        return None
    passages = [passage for document in added for passage in passages_of(document)]
    owners = Catalogue.load(base.folder / CATALOGUE).owners
    places = _passage_sources(sources, owners, Catalogue.build(added, passages).owners)
    gone = np.ones(len(owners), dtype=np.bool_)
    gone[places[places >= 0]] = False
    most = len(owners) // _MOST
    own = sum(1 + len(passage.questions) for passage in passages)
    rows = np.load(base.folder / ROWS, allow_pickle=False)
    vectors = int(np.count_nonzero(~gone[rows])) + own
    fits = len(passages) <= most and int(gone.sum()) <= most and own <= EXACT_UP_TO
    if not fits or not is_of_kind(base.manifest, kind or chosen_kind(vectors, dimension)):
        return None
    return Change(base, added, passages, sources, places, gone, vectors)


def known_vectors(standing: Opened, change: Change | None) -> Stock:
    """Of the version that stands; where only a change is built, of what it replaces."""
    stock = Stock()
    if standing.base is not None and has_segment(standing.manifest):
        _add(stock, standing, None)
    base = standing.base or standing
    _add(stock, base, None if change is None else np.flatnonzero(change.gone).astype(np.int32))
    return stock


def _add(stock: Stock, opened: Opened, rows: Rows | None) -> None:
    """Those of some passages or of all."""
    if rows is not None and not len(rows):
        return
    folder = opened.folder
    dense = DenseIndex.load(folder / VECTORS, folder / ROWS, mapped=opened.stays)
    passages = Lines.of(folder / PASSAGES, load_passage, mapped=opened.stays)
    if rows is None:
        stock.add_passages(passages, dense.fetch)
        return
    numbers = dense.vectors_of(rows)
    stock.add_passages(
        (passages[row] for row in rows.tolist()), lambda wanted: dense.fetch(numbers[wanted])
    )


def _document_sources(there: Lines[bytes], lines: Sequence[bytes]) -> Rows:
    """As Splice reads them. A document that is there, but before one that now comes earlier, is
    added anew: either part keeps its order."""
    numbers = {_digest(there.raw(number)): number for number in range(len(there))}
    sources, last, added = [], -1, 0
    for line in lines:
        number = numbers.get(_digest(line), -1)
        if number > last:
            last = number
            sources.append(number)
        else:
            added += 1
            sources.append(-added)
    return np.array(sources, dtype=np.int32)


def _passage_sources(documents: Rows, base: Rows, added: Rows) -> Rows:
    """`base` and `added` are the documents of their passages."""
    inside = documents >= 0
    firsts, ends = (np.empty(len(documents), dtype=np.int64) for _ in range(2))
    for here, numbers, owners in ((inside, documents, base), (~inside, -1 - documents, added)):
        firsts[here] = np.searchsorted(owners, numbers[here], side="left")
        ends[here] = np.searchsorted(owners, numbers[here], side="right")
    counts = ends - firsts
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = np.repeat(firsts, counts) + within
    return np.asarray(np.where(np.repeat(inside, counts), rows, -1 - rows), dtype=np.int32)


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=16).digest()
