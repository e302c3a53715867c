"""Documents become a new version of the index, which then replaces the old one in one step.

    root/CURRENT                    the name of the version in use
    root/versions/<name>/           documents.jsonl, passages.jsonl, dense.faiss, rows.npy,
                                    lexical/, catalogue/, manifest.json; kept.npy beside cells

A version that changes little holds these of what was added alone, and in documents.npy and
passages.npy where each document and passage of the whole lies: here, or in the version on which
this one stands. That one is always whole, and stays for as long as it is needed. Weakness: so do
the words of an article that was removed since, though no search finds them: on the disk until a
whole version was built and the older ones are pruned, or until `erasure` sweeps them away. After
`Collection.forget` the next is whole.

A crash at any moment leaves CURRENT on a whole version.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bm25s
import faiss
import jieba
import numpy as np

from knowledge_base.catalogue import Catalogue
from knowledge_base.change import Change, change_since, known_vectors
from knowledge_base.chunking import passages_of
from knowledge_base.dense import DenseIndex
from knowledge_base.embedding import Embedder
from knowledge_base.encoding import Encoded, Progress, Stock, Unfinished, encode
from knowledge_base.errors import CollectionEmpty, IndexingError
from knowledge_base.index import (
    CATALOGUE,
    CELLS_FORMAT,
    CURRENT,
    DOCUMENT_SOURCES,
    DOCUMENTS,
    FORMAT,
    LEXICAL,
    MANIFEST,
    PASSAGE_SOURCES,
    PASSAGES,
    ROWS,
    SPLICED_FORMAT,
    VECTORS,
    VERSIONS,
    Opened,
    base_of,
    current_version,
    is_of_kind,
    kind_of,
    load_version,
    opened_version,
    read_manifest,
)
from knowledge_base.index_kind import IndexKind, chosen_kind
from knowledge_base.lexical import LexicalIndex
from knowledge_base.passages import Document, Passage
from knowledge_base.records import dump_line, dump_lines
from knowledge_base.storage import flush, sha256_of, write_atomically
from knowledge_base.vault import PLAIN, Vault

__all__ = ["Progress", "build_version", "load_version"]

_KEPT = 3
"""Versions on disk, the current one among them."""
_DRAFT = ".draft-"
_ENCODED = f"{_DRAFT}encoded"


def build_version(
    root: Path,
    documents: Sequence[Document],
    embedder: Embedder,
    *,
    at: datetime,
    progress: Progress,
    vault: Vault = PLAIN,
    kind: IndexKind | None = None,
    whole: bool = False,
) -> str:
    """The name of the version that is current afterwards.

    It is an old one if that was built from the same documents by the same encoder, is searched in
    the way that `kind` (without it, the rule for its size) asks for, and is undamaged. Where
    little changed, the new one holds only that and stands on the old one, unless it is to be
    `whole`. Raises CollectionEmpty without documents.

    Only who held the collection's lock when the documents were read, and holds it still, may call:
    older ones would undo what another built since. `at`, when they were chosen, names the version.
    """
    if not documents:
        raise CollectionEmpty
    lines = [dump_line(document) for document in documents]
    content = _content_hash(lines, embedder)
    unfinished = Unfinished(root / VERSIONS / _ENCODED, embedder, vault)
    with ExitStack() as opened:
        standing = _standing(root, vault, opened)
        _remove_drafts(root, unfinished.folder)
        if standing is not None and _serves(standing, content, kind, whole=whole):
            unfinished.remove()
            return standing.version
        stock, change = Stock(), None
        if standing is not None and _is_of(standing, embedder):
            if not whole:
                dimension = embedder.dimension
                change = change_since(standing, documents, lines, kind=kind, dimension=dimension)
            stock = known_vectors(standing, change)
        if change is not None and change.is_empty:
            version = change.base.version
        else:
            version = _free_name(root, content, at)
            draft, final = root / VERSIONS / f"{_DRAFT}{version}", root / VERSIONS / version
            known = _Known(stock, unfinished)
            with vault.written(draft, named=lambda _: final) as folder:
                folder.mkdir(parents=True)
                if change is None:
                    parts = _write_parts(
                        folder, documents, embedder, known=known, progress=progress, kind=kind
                    )
                else:
                    parts = _write_change(
                        folder, change, embedder, known=known, progress=progress, kind=kind
                    )
                _seal(folder, version=version, content=content, embedder=embedder, parts=parts)
            _publish(draft, final)
        write_atomically(root / CURRENT, f"{version}\n".encode())
        unfinished.remove()
        _prune(root, version)
    return version


@dataclass(frozen=True)
class _Known:
    """Where vectors need not be computed for."""

    stock: Stock
    unfinished: Unfinished


def _content_hash(lines: Sequence[bytes], embedder: Embedder) -> str:
    parts = (str(FORMAT).encode(), embedder.fingerprint.encode(), b"".join(lines))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _standing(root: Path, vault: Vault, opened: ExitStack) -> Opened | None:
    """The version that is current, if it is undamaged."""
    try:
        return opened.enter_context(opened_version(root, current_version(root), vault))
    except IndexingError:
        return None
    except vault.broken:
        return None


def _is_of(standing: Opened, embedder: Embedder) -> bool:
    return bool(standing.manifest["embedder"].get("fingerprint") == embedder.fingerprint)


def _serves(standing: Opened, content: str, kind: IndexKind | None, *, whole: bool) -> bool:
    manifest = standing.manifest
    if manifest["content"] != content or (whole and standing.base is not None):
        return False
    dimension = manifest["embedder"]["dimension"]
    return is_of_kind(manifest, kind or chosen_kind(manifest["counts"]["vectors"], dimension))


def _write_parts(
    draft: Path,
    documents: Sequence[Document],
    embedder: Embedder,
    *,
    known: _Known,
    progress: Progress,
    kind: IndexKind | None,
) -> dict[str, Any]:
    """What the manifest says of them."""
    passages = [passage for document in documents for passage in passages_of(document)]
    encoded, dense = _write_segment(
        draft, documents, passages, embedder, known=known, progress=progress, kind=kind
    )
    return {
        "format": CELLS_FORMAT if dense.kind is IndexKind.IVF else FORMAT,
        "dense": {"kind": dense.kind, "chosen": _chosen(kind)},
        "counts": {
            "documents": len(documents),
            "passages": len(passages),
            "vectors": len(encoded.rows),
        },
        "texts": _texts(encoded),
    }


def _write_change(
    draft: Path,
    change: Change,
    embedder: Embedder,
    *,
    known: _Known,
    progress: Progress,
    kind: IndexKind | None,
) -> dict[str, Any]:
    """What the manifest says of it."""
    texts = {"new": 0, "reused": 0, "resumed": 0}
    if change.passages:
        encoded, _ = _write_segment(
            *(draft, change.documents, change.passages, embedder),
            known=known,
            progress=progress,
            kind=IndexKind.FLAT,
        )
        texts = _texts(encoded)
    np.save(draft / DOCUMENT_SOURCES, change.document_sources, allow_pickle=False)
    np.save(draft / PASSAGE_SOURCES, change.passage_sources, allow_pickle=False)
    base = change.base
    return {
        "format": SPLICED_FORMAT,
        "base": {"version": base.version, "manifest": sha256_of(base.folder / MANIFEST)},
        "dense": {"kind": kind_of(base.manifest), "chosen": _chosen(kind)},
        "counts": {
            "documents": len(change.document_sources),
            "passages": len(change.passage_sources),
            "vectors": change.vectors,
        },
        "added": {"documents": len(change.documents), "passages": len(change.passages)},
        "texts": texts,
    }


def _write_segment(
    draft: Path,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    embedder: Embedder,
    *,
    known: _Known,
    progress: Progress,
    kind: IndexKind | None,
) -> tuple[Encoded, DenseIndex]:
    encoded = encode(
        *(passages, embedder),
        stock=known.stock,
        unfinished=known.unfinished,
        progress=progress,
    )
    progress("index", 0, 2)
    dense = DenseIndex.build(encoded.vectors, encoded.rows, kind=kind)
    progress("index", 1, 2)
    lexical = LexicalIndex.build(passages)
    progress("index", 2, 2)
    (draft / DOCUMENTS).write_bytes(dump_lines(documents))
    (draft / PASSAGES).write_bytes(dump_lines(passages))
    dense.save(draft / VECTORS, draft / ROWS)
    for folder, part in ((LEXICAL, lexical), (CATALOGUE, Catalogue.build(documents, passages))):
        (draft / folder).mkdir()
        part.save(draft / folder)
    return encoded, dense


def _texts(encoded: Encoded) -> dict[str, int]:
    return {"new": encoded.new, "reused": encoded.reused, "resumed": encoded.resumed}


def _chosen(kind: IndexKind | None) -> str:
    return "by the rule" if kind is None else "as asked"


def _named(embedder: Embedder) -> dict[str, Any]:
    return {
        "name": embedder.name,
        "fingerprint": embedder.fingerprint,
        "dimension": embedder.dimension,
    }


def _seal(
    draft: Path, *, version: str, content: str, embedder: Embedder, parts: dict[str, Any]
) -> None:
    """The manifest last: a folder without one was never finished."""
    files = sorted(file for file in draft.rglob("*") if file.is_file())
    manifest: dict[str, Any] = {
        "kind": "knowledge",
        **parts,
        "version": version,
        "content": content,
        "embedder": _named(embedder),
        "libraries": {
            "numpy": np.__version__,
            "faiss": faiss.__version__,
            "bm25s": bm25s.__version__,
            "jieba": jieba.__version__,
        },
        "files": {file.relative_to(draft).as_posix(): sha256_of(file) for file in files},
    }
    for file in files:
        flush(file)
    write_atomically(draft / MANIFEST, json.dumps(manifest, indent=1).encode())
    for folder in {file.parent for file in files}:
        flush(folder)


def _free_name(root: Path, content: str, at: datetime) -> str:
    """Never that of a version which is there: another may stand on it."""
    name, mark = "", content
    while not name or (root / VERSIONS / name).exists():
        name = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{mark[:8]}"
        mark = hashlib.sha256(mark.encode()).hexdigest()
    return name


def _publish(draft: Path, final: Path) -> None:
    draft.rename(final)
    flush(final.parent)


def _remove_drafts(root: Path, unfinished: Path) -> None:
    """But for what a killed build had encoded, if its encoder is still the same."""
    for draft in (root / VERSIONS).glob(f"{_DRAFT}*"):
        if draft != unfinished:
            shutil.rmtree(draft)


def _prune(root: Path, current: str) -> None:
    """The current version, the ones before it, and what they stand on, stay."""
    folders = [folder for folder in (root / VERSIONS).iterdir() if folder.name != current]
    # Within one second the names say nothing of the order.
    folders.sort(key=lambda folder: (folder.name[:16], folder.stat().st_mtime_ns), reverse=True)
    kept = {current, *(folder.name for folder in folders[: _KEPT - 1])}
    kept |= {base for name in kept for base in _standing_on(root / VERSIONS / name)}
    for folder in folders:
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _standing_on(folder: Path) -> list[str]:
    try:
        base = base_of(read_manifest(folder))
    except IndexingError:
        return []
    return [] if base is None else [base[0]]
