"""Copies a version that was built here to a Milvus server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
from pymilvus import DataType, MilvusClient

from chatbot.adapters.milvus_marks import marks_of
from chatbot.adapters.milvus_server import (
    FACTS,
    FORMAT,
    LOAD_SECONDS,
    PASSAGES,
    TERMS,
    VECTORS,
    Facts,
    MilvusServer,
    facts_row,
    key_of,
    part_of,
)
from chatbot.errors import KnowledgeServerUnavailable
from knowledge_base.build import Progress
from knowledge_base.dense import DenseIndex
from knowledge_base.embedding import Embedder
from knowledge_base.errors import IndexCorrupt
from knowledge_base.index import Index
from knowledge_base.index_kind import LINKS, IndexKind
from knowledge_base.lexical import LexicalIndex, LexicalTable
from knowledge_base.records import dump_lines

_BATCH = 500
"""Rows of one request: with the longest passages some megabytes, where a request may have 64."""
_SECONDS = 600.0
"""For writing a batch, or all of them to the disk."""
_PIECE = 15_000
"""Characters, of at most 4 bytes: a text of Milvus has at most 65,535."""
_LONGEST = 65_535
_MOST = 4096
"""Values that a list of Milvus holds."""
_CELLS_A_ROOT = 4
_EFFORT_BUILDING = 200

_KINDS: Mapping[IndexKind, tuple[str, dict[str, int]]] = {
    IndexKind.FLAT: ("FLAT", {}),
    IndexKind.HNSW: ("HNSW", {"M": LINKS, "efConstruction": _EFFORT_BUILDING}),
    # What cells shorten is no matter: the best are compared by their whole vectors afterwards.
    IndexKind.IVF: ("IVF_SQ8", {}),
}


def copy_version(
    server: MilvusServer,
    collection: str,
    index: Index,
    *,
    embedder: Embedder,
    progress: Progress,
) -> None:
    """The version is whole on the server afterwards, and does not serve yet.

    Quick if it is there already; what an interrupted copy left is removed first. Raises
    IndexCorrupt for a version that stands on an older one.
    """
    if server.facts(collection, index.version) is not None:
        return
    server.remove(collection, index.version)
    dense = index.dense
    if not isinstance(dense, DenseIndex) or not isinstance(index.lexical, LexicalIndex):
        raise IndexCorrupt(index.version, "stands on an older one and cannot be copied")
    lexical = index.lexical.table()
    writer = _Writer(server, collection, index.version, progress)
    writer.steps = len(index.passages) + dense.count + len(lexical.rarities)
    kind, settings = _KINDS[dense.kind]
    if dense.kind is IndexKind.IVF:
        settings = {"nlist": max(1, round(_CELLS_A_ROOT * dense.count**0.5))}
    writer.create(PASSAGES, _passages_schema(), {"words": ("SPARSE_INVERTED_INDEX", {})})
    writer.fill(PASSAGES, _passage_rows(index, lexical))
    writer.create(VECTORS, _vectors_schema(dense.dimension), {"vector": (kind, settings)})
    writer.fill(VECTORS, _vector_rows(index, dense))
    writer.create(TERMS, _terms_schema(), {"unused": ("FLAT", {})})
    writer.fill(TERMS, _term_rows(lexical))
    facts = Facts(
        format=FORMAT,
        encoder=embedder.name,
        fingerprint=embedder.fingerprint,
        unknown=lexical.unknown,
        passages=len(index.passages),
        vectors=dense.count,
        index=kind,
    )
    writer.check(PASSAGES, facts.passages)
    writer.check(VECTORS, facts.vectors)
    writer.finish(TERMS, facts_row(facts))


class _Writer:
    def __init__(
        self, server: MilvusServer, collection: str, version: str, progress: Progress
    ) -> None:
        self._server = server
        self._collection, self._version = collection, version
        self._progress = progress
        self._done = 0
        self.steps = 0

    def _name(self, part: str) -> str:
        return part_of(self._collection, self._version, part)

    def create(
        self, part: str, schema: Any, indexes: Mapping[str, tuple[str, dict[str, int]]]
    ) -> None:
        """And load it, still empty: what is written later is searched as soon as it is there."""
        wanted = MilvusClient.prepare_index_params()
        for field, (kind, settings) in indexes.items():
            wanted.add_index(field, index_type=kind, metric_type="IP", params=settings)
        with self._server.asked() as client:
            client.create_collection(
                self._name(part), schema=schema, index_params=wanted, timeout=_SECONDS
            )

    def fill(self, part: str, rows: Iterable[Mapping[str, Any]]) -> None:
        name = self._name(part)
        with self._server.asked() as client:
            for batch in _batches(rows):
                client.insert(name, batch, timeout=_SECONDS)
                self._done += len(batch)
                self._progress("upload", self._done, self.steps)
            client.flush(name, timeout=_SECONDS)
            client.load_collection(name, timeout=LOAD_SECONDS)

    def check(self, part: str, expected: int) -> None:
        with self._server.asked() as client:
            found = client.query(
                self._name(part),
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_SECONDS,
            )[0]["count(*)"]
        if found != expected:
            raise KnowledgeServerUnavailable(f"it holds {found} of {expected} {part}")

    def finish(self, part: str, row: Mapping[str, Any]) -> None:
        """Where this row can be read, all those before it can."""
        name = self._name(part)
        with self._server.asked() as client:
            client.insert(name, [row], timeout=_SECONDS)
            client.flush(name, timeout=_SECONDS)
            seen = client.get(name, ids=[FACTS], consistency_level="Strong", timeout=_SECONDS)
        if not seen:
            raise KnowledgeServerUnavailable("it does not show what was written")


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    rest = iter(rows)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _schema() -> Any:
    return MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)


def _passages_schema() -> Any:
    schema = _schema()
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    _add_marks(schema)
    schema.add_field(
        *("pieces", DataType.ARRAY),
        element_type=DataType.VARCHAR,
        max_capacity=_MOST,
        max_length=_LONGEST,
    )
    return schema


def _vectors_schema(dimension: int) -> Any:
    schema = _schema()
    schema.add_field("number", DataType.INT64, is_primary=True)
    schema.add_field("row", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    _add_marks(schema)
    return schema


def _add_marks(schema: Any) -> None:
    schema.add_field("marks", DataType.ARRAY, element_type=DataType.INT64, max_capacity=_MOST)


def _terms_schema() -> Any:
    schema = _schema()
    schema.add_field("key", DataType.INT64, is_primary=True)
    schema.add_field("term", DataType.VARCHAR, max_length=_LONGEST)
    schema.add_field("place", DataType.INT64)
    schema.add_field("rarity", DataType.FLOAT)
    # Milvus keeps nothing without a vector.
    schema.add_field("unused", DataType.FLOAT_VECTOR, dim=2)
    return schema


def _passage_rows(index: Index, lexical: LexicalTable) -> Iterator[Mapping[str, Any]]:
    for row, passage in enumerate(index.passages):
        held = slice(lexical.starts[row], lexical.starts[row + 1])
        weights = zip(lexical.terms[held].tolist(), lexical.weights[held].tolist(), strict=True)
        text = dump_lines([passage]).decode()
        yield {
            "row": row,
            "words": dict(weights),
            "marks": marks_of(index.documents[passage.document_id]),
            "pieces": [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)],
        }


def _vector_rows(index: Index, dense: DenseIndex) -> Iterator[Mapping[str, Any]]:
    for start in range(0, dense.count, _BATCH):
        vectors, rows = dense.stored(start, start + _BATCH)
        for offset, (vector, row) in enumerate(zip(vectors, rows.tolist(), strict=True)):
            document = index.documents[index.passages[row].document_id]
            yield {
                "number": start + offset,
                "row": row,
                "vector": np.asarray(vector),
                "marks": marks_of(document),
            }


def _term_rows(lexical: LexicalTable) -> Iterator[Mapping[str, Any]]:
    for place, (term, rarity) in enumerate(lexical.rarities.items()):
        row = {"key": key_of(term), "term": term, "place": place}
        yield {**row, "rarity": rarity, "unused": [0.0, 0.0]}
