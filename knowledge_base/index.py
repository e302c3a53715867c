"""One version of a built index: the files on disk, and what they are once loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import numpy as np

from knowledge_base.catalogue import ById, Catalogue, Rows
from knowledge_base.dense import DenseIndex
from knowledge_base.embedding import Embedder
from knowledge_base.errors import EmbedderMismatch, IndexCorrupt, IndexMissing, IndexOutdated
from knowledge_base.index_kind import EXACT_UP_TO, IndexKind
from knowledge_base.lexical import LexicalIndex
from knowledge_base.lines import Lines
from knowledge_base.passages import Document, Passage
from knowledge_base.placement import Placement
from knowledge_base.records import load_document, load_passage
from knowledge_base.splice import (
    Nearness,
    Splice,
    SplicedItems,
    SplicedVectors,
    SplicedWords,
    Words,
)
from knowledge_base.storage import sha256_of
from knowledge_base.vault import PLAIN, Vault

Item = TypeVar("Item")

FORMAT = 1
"""Raised whenever older files would be read or searched wrongly."""
CELLS_FORMAT = 2
"""The same with cells (IndexKind.IVF), which programs that know only the first cannot search."""
SPLICED_FORMAT = 3
"""What changed since another version, whose files are used as they are."""
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
CATALOGUE = "catalogue"
DOCUMENT_SOURCES = "documents.npy"
PASSAGE_SOURCES = "passages.npy"

_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, eq=False)
class Segment:
    """What one folder holds, searchable by itself."""

    documents: Sequence[Document]
    passages: Sequence[Passage]
    dense: DenseIndex
    lexical: LexicalIndex
    catalogue: Catalogue


@dataclass(frozen=True)
class Index:
    version: str
    documents: Mapping[str, Document]
    """In the order in which they were given to the build."""
    passages: Sequence[Passage]
    """In the order of their documents. Large ones are read from their file when asked for."""
    dense: Nearness
    lexical: Words
    tagged: Mapping[str, Rows] = field(default_factory=dict)
    """The passages that bear each tag, ascending."""
    base: Segment | None = None
    """The next version may stand on it as well, and need not load it again."""


@dataclass(frozen=True)
class Opened:
    """A version on disk whose files are those of its manifest."""

    version: str
    folder: Path
    manifest: Mapping[str, Any]
    stays: bool
    """Or gone once the vault closes."""
    base: Opened | None = None


_segments: WeakValueDictionary[tuple[object, ...], Segment] = WeakValueDictionary()
"""Those in use that a version may stand on."""


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

    Large files of vectors, words, passages and documents that lie in the open are mapped: a
    search reads from the disk what it needs, and the results are the same.
    """
    while True:
        version = current_version(root)
        try:
            return _load(root, version, embedder, placement, vault)
        except (IndexCorrupt, FileNotFoundError):
            # Builds in quick succession may have deleted it since it was the current one.
            if current_version(root) == version:
                raise


def _load(
    root: Path, version: str, embedder: Embedder, placement: Placement, vault: Vault
) -> Index:
    lies = root / VERSIONS / version
    key = _seen(lies, placement)
    with vault.opened(lies) as folder:
        manifest = read_manifest(folder)
        _check_embedder(manifest["embedder"], embedder)
        check_files(folder, manifest)
        # What a vault opened elsewhere is gone once it closes.
        opened = Opened(version, folder, manifest, stays=folder == lies)
        if base_of(manifest) is None:
            own = _segments[key] = _read(opened, placement)
            return _whole(version, own)
        base = _base_segment(root, manifest, placement, vault)
        added = _read(opened, Placement.CPU) if has_segment(manifest) else None
        with _corrupt(version):
            return _spliced(opened, base, added)


def _base_segment(
    root: Path, manifest: Mapping[str, Any], placement: Placement, vault: Vault
) -> Segment:
    version, _ = base_of(manifest) or ("", "")
    lies = root / VERSIONS / version
    key = _seen(lies, placement)
    if (found := _segments.get(key)) is None:
        with opened_base(root, manifest, vault) as opened:
            found = _segments[key] = _read(opened, placement)
    return found


def _seen(folder: Path, placement: Placement) -> tuple[object, ...]:
    """Changes with any file of it."""
    try:
        stats = [(path, path.stat()) for path in sorted(folder.rglob("*"))]
    except FileNotFoundError:
        stats = []
    stamps = [(path, s.st_ino, s.st_mtime_ns, s.st_size) for path, s in stats]
    return (folder.resolve(), placement, *stamps)


def embedder_of(root: Path, vault: Vault) -> str:
    """The name of what encoded the current version. Raises IndexMissing before the first build,
    and IndexCorrupt."""
    manifest = root / VERSIONS / current_version(root) / MANIFEST
    try:
        return str(json.loads(vault.read(manifest))["embedder"]["name"])
    except FileNotFoundError:
        raise IndexCorrupt(MANIFEST, "is missing") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise IndexCorrupt(MANIFEST, "cannot be read") from None


@contextmanager
def opened_version(root: Path, version: str, vault: Vault) -> Iterator[Opened]:
    """With the version that it stands on, both whole. Raises IndexingError."""
    with ExitStack() as stack:
        lies = root / VERSIONS / version
        folder = stack.enter_context(vault.opened(lies))
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        base = None
        if base_of(manifest) is not None:
            base = stack.enter_context(opened_base(root, manifest, vault))
        yield Opened(version, folder, manifest, stays=folder == lies, base=base)


@contextmanager
def opened_base(root: Path, manifest: Mapping[str, Any], vault: Vault) -> Iterator[Opened]:
    version, expected = base_of(manifest) or ("", "")
    lies = root / VERSIONS / version
    with vault.opened(lies) as folder:
        below = read_manifest(folder)
        if base_of(below) is not None or sha256_of(folder / MANIFEST) != expected:
            raise IndexCorrupt(version, "is not the version that it was built upon")
        check_files(folder, below)
        yield Opened(version, folder, below, stays=folder == lies)


def _read(opened: Opened, placement: Placement) -> Segment:
    folder = opened.folder
    with _corrupt(opened.version):
        documents = _records(folder / DOCUMENTS, load_document, opened)
        passages = _records(folder / PASSAGES, load_passage, opened)
        segment = Segment(
            documents=documents,
            passages=passages,
            dense=DenseIndex.load(
                *(folder / VECTORS, folder / ROWS),
                placement=placement,
                mapped=opened.stays and _large(folder / VECTORS),
            ),
            lexical=LexicalIndex.load(
                folder / LEXICAL, mapped=opened.stays and _large(folder / PASSAGES)
            ),
            catalogue=Catalogue.load(folder / CATALOGUE)
            if (folder / CATALOGUE).is_dir()
            else Catalogue.build(documents, passages),
        )
    sizes = (segment.dense.size, segment.lexical.size, len(segment.catalogue.owners))
    if {*sizes} != {len(passages)} or len(segment.catalogue.numbers) != len(documents):
        raise IndexCorrupt(opened.version, "holds parts of different sizes")
    return segment


def _records(file: Path, read: Callable[[bytes], Item], opened: Opened) -> Sequence[Item]:
    """Small ones as they are, so that no search has to read them."""
    if not _large(file):
        return tuple(Lines.of(file, read, mapped=False))
    return Lines.of(file, read, mapped=opened.stays)


@contextmanager
def _corrupt(version: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise IndexCorrupt(version, f"cannot be read ({error})") from error


def _whole(version: str, segment: Segment) -> Index:
    documents: Mapping[str, Document] = ById(segment.documents, segment.catalogue.find)
    return Index(
        version=version,
        documents=documents,
        passages=segment.passages,
        dense=segment.dense,
        lexical=segment.lexical,
        tagged=segment.catalogue.tagged,
        base=segment,
    )


def _spliced(opened: Opened, base: Segment, added: Segment | None) -> Index:
    documents, passages = (
        Splice(
            np.load(opened.folder / name, allow_pickle=False),
            base=len(below),
            added=len(above),
        )
        for name, below, above in (
            (DOCUMENT_SOURCES, base.documents, added.documents if added else ()),
            (PASSAGE_SOURCES, base.passages, added.passages if added else ()),
        )
    )

    def find(document_id: str) -> list[int]:
        first, second = documents.places
        below = [int(first[number]) for number in base.catalogue.find(document_id)]
        above = added.catalogue.find(document_id) if added else []
        return [place for place in below if place >= 0] + [int(second[n]) for n in above]

    return Index(
        version=opened.version,
        documents=ById(
            SplicedItems(base.documents, added.documents if added else (), documents), find
        ),
        passages=SplicedItems(base.passages, added.passages if added else (), passages),
        dense=SplicedVectors(base.dense, added.dense if added else None, passages),
        lexical=SplicedWords(base.lexical, added.lexical if added else None, passages),
        tagged=_tagged(passages, base.catalogue, added.catalogue if added else None),
        base=base,
    )


def _tagged(splice: Splice, base: Catalogue, added: Catalogue | None) -> Mapping[str, Rows]:
    found: dict[str, Rows] = {}
    for catalogue, places in zip((base, added), splice.places, strict=True):
        for tag, rows in catalogue.tagged.items() if catalogue else ():
            here = places[rows]
            found[tag] = np.concatenate([found.get(tag, here[:0]), here[here >= 0]])
    return {tag: np.sort(rows) for tag, rows in found.items() if len(rows)}


def read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        found, _, _ = manifest["format"], manifest["embedder"]["name"], manifest["content"]
        files = manifest["files"].items()
        if found == SPLICED_FORMAT:
            _, _ = int(manifest["added"]["passages"]), base_of(manifest)
    except FileNotFoundError:
        raise IndexCorrupt(MANIFEST, "is missing") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise IndexCorrupt(MANIFEST, "cannot be read") from None
    if found not in (FORMAT, CELLS_FORMAT, SPLICED_FORMAT):
        raise IndexOutdated(found=found, expected=FORMAT)
    needed: set[str] = set()
    if found == SPLICED_FORMAT:
        needed |= {DOCUMENT_SOURCES, PASSAGE_SOURCES}
    if has_segment(manifest):
        needed |= {DOCUMENTS, PASSAGES, VECTORS, ROWS}
    if not needed <= {name for name, _ in files}:
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


def base_of(manifest: Mapping[str, Any]) -> tuple[str, str] | None:
    """The version that this one stands on, and the hash of its manifest."""
    if manifest["format"] != SPLICED_FORMAT:
        return None
    return str(manifest["base"]["version"]), str(manifest["base"]["manifest"])


def has_segment(manifest: Mapping[str, Any]) -> bool:
    """Where documents only went, there is nothing to search but the base."""
    return manifest["format"] != SPLICED_FORMAT or int(manifest["added"]["passages"]) > 0


def kind_of(manifest: Mapping[str, Any]) -> IndexKind:
    """Versions from before there was a choice do not say it. Raises IndexCorrupt."""
    try:
        if "dense" in manifest:
            return IndexKind(manifest["dense"]["kind"])
        exact = manifest["counts"]["vectors"] <= EXACT_UP_TO
    except (KeyError, TypeError, ValueError):
        raise IndexCorrupt(MANIFEST, "cannot be read") from None
    return IndexKind.FLAT if exact else IndexKind.HNSW


def is_of_kind(manifest: Mapping[str, Any], kind: IndexKind) -> bool:
    """Never where the manifest does not say of which."""
    try:
        return kind_of(manifest) is kind
    except IndexCorrupt:
        return False


def _large(file: Path) -> bool:
    return file.stat().st_size >= MAPPED_FROM_BYTES


def _check_embedder(built: Mapping[str, Any], embedder: Embedder) -> None:
    if built.get("fingerprint") != embedder.fingerprint:
        raise EmbedderMismatch(
            built_with=f"{built['name']} {str(built.get('fingerprint'))[:8]}",
            loaded=f"{embedder.name} {embedder.fingerprint[:8]}",
        )
