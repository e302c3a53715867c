"""Seals what lies in plain below KEFU_HOME though it could be sealed, or opens it again for good.

Killed at any moment, every version and every file is whole, in one state or the other, and the
same call ends the work. Weakness: a disk keeps the blocks of a deleted file until it needs them,
and snapshots keep them for longer: what must never have been readable is sealed from the start.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chatbot.file_vault import MANIFEST, SEALED, FileVault, is_sealed, left_over, sealed_name
from chatbot.settings import Settings
from knowledge_base.collection import list_collections
from knowledge_base.history import HISTORY
from knowledge_base.index import DOCUMENTS, VERSIONS
from knowledge_base.storage import only_writer

Progress = Callable[[str, int], None]
"""Called with what is at work and the bytes done since the last call."""


@dataclass(frozen=True)
class Convertible:
    """A finished version, or a collection's documents with their history."""

    path: Path
    name: str
    bytes: int
    version: bool


def convertible(settings: Settings, *, opening: bool = False) -> list[Convertible]:
    """What is in the other state, wholly or in part."""
    return [
        Convertible(path, path.relative_to(settings.home).as_posix(), size, version)
        for version, paths in ((False, _documents(settings)), (True, _versions(settings)))
        for path in paths
        if (size := _work(path, version, opening)) is not None
    ]


def convert(
    vault: FileVault,
    found: list[Convertible],
    *,
    opening: bool = False,
    progress: Progress = lambda name, done: None,
) -> int:
    """How many were converted; one that was deleted meanwhile is passed over."""
    count = 0
    for one in found:

        def tell(done: int, name: str = one.name) -> None:
            progress(name, done)

        tell(0)
        with suppress(FileNotFoundError):
            if one.version:
                change = vault.open_version if opening else vault.seal_version
                change(one.path, progress=tell)
            else:
                _convert_documents(vault, one.path, opening=opening, progress=tell)
            count += 1
    return count


def _convert_documents(
    vault: FileVault, path: Path, *, opening: bool, progress: Callable[[int], None]
) -> None:
    with only_writer(path.parent):
        # Nobody builds or writes now: whatever is unfinished was left by a killed process.
        for draft in _drafts(path):
            draft.unlink()
        for folder in (path.parent / VERSIONS).glob(".draft-*"):
            shutil.rmtree(folder)
        change = vault.open_single if opening else vault.seal_single
        for single in _singles(path):
            change(single, progress=progress)


def _drafts(path: Path) -> list[Path]:
    return [*path.parent.glob(f".{path.name}.*"), *(path.parent / HISTORY).glob(".*")]


def _singles(path: Path) -> list[Path]:
    """The documents, and the revisions of their history, in whatever state they are."""
    files = (path.parent / HISTORY).glob("[0-9]*")
    revisions = {file.with_name(file.name.removesuffix(SEALED)) for file in files}
    return [path, *sorted(revisions)]


def _documents(settings: Settings) -> Iterator[Path]:
    for name in list_collections(settings.collections_home):
        yield settings.collections_home / name / DOCUMENTS


def _versions(settings: Settings) -> Iterator[Path]:
    """Finished ones: what has no manifest, or a dot before its name, is somebody's work."""
    places = (
        *settings.collections_home.glob(f"*/{VERSIONS}/[!.]*"),
        *settings.intents_home.glob("*/[!.]*"),
    )
    for folder in sorted(places):
        if (folder / MANIFEST).is_file():
            yield folder


def _work(path: Path, version: bool, opening: bool) -> int | None:
    """Bytes to be read for it; None where nothing is to be done."""
    if not version:
        named = (sealed_name(single) if opening else single for single in _singles(path))
        if sizes := [single.stat().st_size for single in named if single.exists()]:
            return sum(sizes)
        return 0 if _drafts(path) else None
    leaving = left_over(path, sealed=opening)
    if is_sealed(path) == opening:
        return sum(file.stat().st_size for file in leaving)
    # Whole already but for remains, which need no reading.
    return 0 if leaving else None
