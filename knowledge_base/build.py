"""Documents become a new version of the index, which then replaces the old one in one step.

    root/CURRENT                    the name of the version in use
    root/versions/<name>/           documents.jsonl, passages.jsonl, dense.faiss, rows.npy,
                                    lexical/, manifest.json; kept.npy beside cells

A crash at any moment leaves CURRENT on a whole version.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bm25s
import faiss
import jieba
import numpy as np

from knowledge_base.chunking import passages_of
from knowledge_base.dense import DenseIndex, Rows
from knowledge_base.embedding import Embedder, Vectors
from knowledge_base.errors import CollectionEmpty, IndexingError
from knowledge_base.index import (
    CELLS_FORMAT,
    CURRENT,
    DOCUMENTS,
    FORMAT,
    LEXICAL,
    MANIFEST,
    PASSAGES,
    ROWS,
    VECTORS,
    VERSIONS,
    check_files,
    current_version,
    kind_of,
    load_version,
    read_manifest,
)
from knowledge_base.index_kind import IndexKind, chosen_kind
from knowledge_base.lexical import LexicalIndex
from knowledge_base.passages import Document, Passage
from knowledge_base.records import dump_lines
from knowledge_base.storage import flush, only_writer, sha256_of, write_atomically
from knowledge_base.vault import PLAIN, Vault

__all__ = ["Progress", "build_version", "load_version"]

Progress = Callable[[str, int, int], None]
"""Called with the stage (`encode`, `index`, `write`), steps done and steps in all."""

_KEPT = 3
"""Versions on disk, the current one among them."""
_DRAFT = ".draft-"
_TEXTS_A_STEP = 256


def build_version(
    root: Path,
    documents: Sequence[Document],
    embedder: Embedder,
    *,
    progress: Progress,
    vault: Vault = PLAIN,
    kind: IndexKind | None = None,
) -> str:
    """The name of the version that is current afterwards.

    It is the old one if that was built from the same documents by the same encoder, is searched in
    the way that `kind` (without it, the rule for its size) asks for, and is undamaged. Raises
    CollectionEmpty without documents.
    """
    if not documents:
        raise CollectionEmpty
    content = _content_hash(documents, embedder)
    with only_writer(root):
        if (version := _up_to_date(root, content, vault, kind)) is not None:
            return version
        version = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{content[:8]}"
        draft = root / VERSIONS / f"{_DRAFT}{version}"
        _remove_drafts(root)
        final = root / VERSIONS / version
        with vault.written(draft, named=lambda _: final) as folder:
            (folder / LEXICAL).mkdir(parents=True)
            parts = _write_parts(folder, documents, embedder, progress=progress, kind=kind)
            _seal(folder, version=version, content=content, embedder=embedder, parts=parts)
        _publish(root, draft, version)
        _prune(root, version)
    return version


def _content_hash(documents: Sequence[Document], embedder: Embedder) -> str:
    parts = (str(FORMAT).encode(), embedder.fingerprint.encode(), dump_lines(documents))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _up_to_date(root: Path, content: str, vault: Vault, kind: IndexKind | None) -> str | None:
    try:
        version = current_version(root)
        with vault.opened(root / VERSIONS / version) as folder:
            manifest = read_manifest(folder)
            check_files(folder, manifest)
            built = kind_of(manifest)
    except IndexingError:
        return None
    if manifest["content"] != content:
        return None
    asked = kind or chosen_kind(manifest["counts"]["vectors"], manifest["embedder"]["dimension"])
    return version if built is asked else None


def _write_parts(
    draft: Path,
    documents: Sequence[Document],
    embedder: Embedder,
    *,
    progress: Progress,
    kind: IndexKind | None,
) -> dict[str, Any]:
    """What the manifest says of them."""
    passages = [passage for document in documents for passage in passages_of(document)]
    vectors, rows = _encode(passages, embedder, progress)
    progress("index", 0, 2)
    dense = DenseIndex.build(vectors, rows, kind=kind)
    progress("index", 1, 2)
    lexical = LexicalIndex.build(passages)
    progress("index", 2, 2)
    (draft / DOCUMENTS).write_bytes(dump_lines(documents))
    (draft / PASSAGES).write_bytes(dump_lines(passages))
    dense.save(draft / VECTORS, draft / ROWS)
    lexical.save(draft / LEXICAL)
    return {
        "format": CELLS_FORMAT if dense.kind is IndexKind.IVF else FORMAT,
        "dense": {"kind": dense.kind, "chosen": "by the rule" if kind is None else "as asked"},
        "counts": {
            "documents": len(documents),
            "passages": len(passages),
            "vectors": len(rows),
        },
    }


def _encode(
    passages: Sequence[Passage], embedder: Embedder, progress: Progress
) -> tuple[Vectors, Rows]:
    """One vector for the text of each passage, then one for each of its questions."""
    texts = [f"{passage.title or passage.questions[0]}\n{passage.text}" for passage in passages]
    questions = list(dict.fromkeys(q for passage in passages for q in passage.questions))
    steps = len(texts) + len(questions)

    def in_steps(
        encode: Callable[[Sequence[str]], Vectors], items: Sequence[str], done: int
    ) -> Vectors:
        parts = []
        for start in range(0, len(items), _TEXTS_A_STEP):
            parts.append(encode(items[start : start + _TEXTS_A_STEP]))
            progress("encode", done + min(start + _TEXTS_A_STEP, len(items)), steps)
        return np.concatenate(parts)

    progress("encode", 0, steps)
    text_vectors = in_steps(embedder.encode_passages, texts, 0)
    question_vectors = in_steps(embedder.encode_queries, questions, len(texts))
    place = {question: row for row, question in enumerate(questions)}
    vectors, rows = [], []
    for row, passage in enumerate(passages):
        asked = [place[question] for question in passage.questions]
        vectors += [text_vectors[row : row + 1], question_vectors[asked]]
        rows += [row] * (1 + len(asked))
    return np.concatenate(vectors), np.array(rows, dtype=np.int32)


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
        "embedder": {
            "name": embedder.name,
            "fingerprint": embedder.fingerprint,
            "dimension": embedder.dimension,
        },
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
    flush(draft / LEXICAL)


def _publish(root: Path, draft: Path, version: str) -> None:
    final = root / VERSIONS / version
    # The same content in the same second is there already only if it is damaged.
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    flush(root / VERSIONS)
    write_atomically(root / CURRENT, f"{version}\n".encode())


def _remove_drafts(root: Path) -> None:
    for draft in (root / VERSIONS).glob(f"{_DRAFT}*"):
        shutil.rmtree(draft)


def _prune(root: Path, current: str) -> None:
    older = sorted(
        (folder for folder in (root / VERSIONS).iterdir() if folder.name != current), reverse=True
    )
    for folder in older[_KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
