"""Collections of many short articles that change, and what two indexes say of the same queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import knowledge_base.change as change
from knowledge_base.calibration import Scorer
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder, Vectors
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index import MANIFEST, VERSIONS
from knowledge_base.passages import Document, Hit
from knowledge_base.search import KnowledgeBase

WORDS = (
    "order return parcel lamp bulb money card invoice delivery courier warranty socket switch shade"
    " cable battery repair colour size voucher 退款 快递 包裹 灯泡 发票 保修 开关 尺寸 优惠券 维修"
).split()
TAGS = ("delivery", "refund", "lamps")


class CountingEmbedder:
    """A HashingEmbedder that remembers what it was asked to encode."""

    def __init__(self, dimension: int = 64) -> None:
        self._inner = HashingEmbedder(dimension)
        self.name, self.fingerprint = self._inner.name, self._inner.fingerprint
        self.dimension = dimension
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return self._inner.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return self._inner.encode_passages(texts)


def article(name: str, draw: np.random.Generator) -> Document:
    """Of words that are drawn; no two are alike."""
    words = draw.choice(WORDS, int(draw.integers(3, 30))).tolist()
    return Document(
        id=name,
        question=f"{words[0]} {words[1]} {draw.integers(1 << 30)}",
        answer=" ".join(words),
        title=" ".join(words[:2]) if draw.random() < 0.5 else "",
        language="en",
        tags=tuple({str(draw.choice(TAGS))} if draw.random() < 0.6 else ()),
        variants=(f"{words[-1]} {draw.integers(1 << 30)}",) if draw.random() < 0.4 else (),
    )


@contextmanager
def whole_only() -> Iterator[None]:
    """Every version inside is built whole."""
    before = change.WHOLE_UP_TO
    change.WHOLE_UP_TO = 1 << 60
    try:
        yield
    finally:
        change.WHOLE_UP_TO = before


def manifest_of(collection: Collection) -> Mapping[str, Any]:
    folder = collection.root / VERSIONS / collection.current_version()
    return dict(json.loads((folder / MANIFEST).read_bytes()))


def built_whole(documents: Sequence[Document], folder: Path, embedder: Embedder) -> KnowledgeBase:
    collection = Collection(folder)
    collection.merge(documents)
    with whole_only():
        collection.build(embedder)
    return loaded(collection, embedder)


def loaded(collection: Collection, embedder: Embedder) -> KnowledgeBase:
    return KnowledgeBase(collection.load(embedder), embedder, Scorer.default())


def same_hits(found: Sequence[Hit], right: Sequence[Hit], *, within: float) -> bool:
    """Of hits whose scores differ by no more than that, either may come first, or stand for the
    other where they say the same."""
    scores, wanted = (
        {one: hit.score for hit in hits for one in (hit.passage.document_id, *hit.duplicates)}
        for hits in (found, right)
    )
    last = min(wanted.values(), default=0.0)
    return (
        len(found) == len(right)
        and np.allclose([h.score for h in found], [h.score for h in right], atol=within, rtol=0)
        and all(abs(wanted.get(name, last) - score) <= within for name, score in scores.items())
        and all(_alike(hit, right, within) for hit in found)
    )


def _alike(hit: Hit, right: Sequence[Hit], within: float) -> bool:
    """It is the same article with the same evidence, wherever in the list."""
    there = [other for other in right if other.passage == hit.passage]
    return all(
        abs(other.evidence[name] - value) <= within
        for other in there
        for name, value in hit.evidence.items()
    )
