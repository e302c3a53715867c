"""One version of a built index: the files on disk, and what they are once loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.dense import DenseIndex
from knowledge_base.embedding import Embedder
from knowledge_base.errors import EmbedderMismatch, IndexCorrupt, IndexMissing, IndexOutdated
from knowledge_base.index_kind import EXACT_UP_TO, IndexKind
from knowledge_base.lexical import LexicalIndex
from knowledge_base.passages import Document, Passage
from knowledge_base.placement import Placement
from knowledge_base.records import load_documents, load_passages
from knowledge_base.storage import sha256_of
from knowledge_base.vault import PLAIN, Vault

FORMAT = 1
"""Raised whenever older files would be read or searched wrongly."""
CELLS_FORMAT = 2
"""The same with cells (IndexKind.IVF), which programs that know only the first cannot search."""
MAPPED_FROM_BYTES = 64 * 2**20
"""Of a file of vectors or words; smaller ones are read into memory, where no search waits."""

CURRENT = "CURRENT"
VERSIONS = "versions"
MANIFEST = "manifest.json"
DOCUMENTS = "documents.jsonl"
PASSAGES = "passages.jsonl"
VECTORS = "dense.faiss"
ROWS = "rows.npy"
LEXICAL = "lexical"

_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True)
class Index:
    version: str
    documents: Mapping[str, Document]
    passages: tuple[Passage, ...]
    dense: DenseIndex
    lexical: LexicalIndex


def current_version(root: Path) -> str:
    """Raises IndexMissing before the first build."""
    try:
        version = (root / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise IndexMissing(root) from None
    except (OSError, UnicodeDecodeError):
        raise IndexCorrupt(CURRENT, "cannot be read") from None
    if not _VERSION.fullmatch(version):
        raise IndexCorrupt(CURRENT, "names no version")
    return version


def load_version(
    root: Path, embedder: Embedder, *, placement: Placement = Placement.CPU, vault: Vault = PLAIN
) -> Index:
    """The current version, after checking every file against its hash.

    All of it is in memory, but large files of vectors and words that lie in the open are mapped:
    a search reads from the disk what it needs, and the results are the same.
    """
    version = current_version(root)
    lies = root / VERSIONS / version
    with vault.opened(lies) as folder:
        # What a vault opened elsewhere is gone once it closes.
        return _load(folder, version, embedder, placement, stays=folder == lies)


def _load(
    folder: Path, version: str, embedder: Embedder, placement: Placement, *, stays: bool
) -> Index:
    manifest = read_manifest(folder)
    _check_embedder(manifest["embedder"], embedder)
    check_files(folder, manifest)
    try:
        index = Index(
            version=version,
            documents={d.id: d for d in load_documents((folder / DOCUMENTS).read_bytes())},
            passages=tuple(load_passages((folder / PASSAGES).read_bytes())),
            dense=DenseIndex.load(
                *(folder / VECTORS, folder / ROWS),
                placement=placement,
                mapped=stays and _large(folder / VECTORS),
            ),
            lexical=LexicalIndex.load(folder / LEXICAL, mapped=stays and _large(folder / PASSAGES)),
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise IndexCorrupt(version, f"cannot be read ({error})") from error
    if not len(index.passages) == index.dense.size == index.lexical.size:
        raise IndexCorrupt(version, "holds parts of different sizes")
    return index


def read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        found, _, _ = manifest["format"], manifest["embedder"]["name"], manifest["content"]
        files = manifest["files"].items()
    except FileNotFoundError:
        raise IndexCorrupt(MANIFEST, "is missing") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise IndexCorrupt(MANIFEST, "cannot be read") from None
    if found not in (FORMAT, CELLS_FORMAT):
        raise IndexOutdated(found=found, expected=FORMAT)
    if not {DOCUMENTS, PASSAGES, VECTORS, ROWS} <= {name for name, _ in files}:
        raise IndexCorrupt(MANIFEST, "lacks a file")
    return dict(manifest)


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    for name, expected in manifest["files"].items():
        try:
            found = sha256_of(folder / name)
        except OSError:
            raise IndexCorrupt(name, "is missing") from None
        if found != expected:
            raise IndexCorrupt(name, "was changed or cut short since it was built")


def kind_of(manifest: Mapping[str, Any]) -> IndexKind:
    """Versions from before there was a choice do not say it. Raises IndexCorrupt."""
    try:
        if "dense" in manifest:
            return IndexKind(manifest["dense"]["kind"])
        exact = manifest["counts"]["vectors"] <= EXACT_UP_TO
    except (KeyError, TypeError, ValueError):
        raise IndexCorrupt(MANIFEST, "cannot be read") from None
    return IndexKind.FLAT if exact else IndexKind.HNSW


def _large(file: Path) -> bool:
    return file.stat().st_size >= MAPPED_FROM_BYTES


def _check_embedder(built: Mapping[str, Any], embedder: Embedder) -> None:
    if built.get("fingerprint") != embedder.fingerprint:
        raise EmbedderMismatch(
            built_with=f"{built['name']} {str(built.get('fingerprint'))[:8]}",
            loaded=f"{embedder.name} {embedder.fingerprint[:8]}",
        )
