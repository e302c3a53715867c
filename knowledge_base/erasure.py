"""An erasure that reaches the disk: what it must still remove, and the files that hold the words.

    root/erasing.json       ids that are being erased, from before the first file is touched until
                            no file holds their words; no word of theirs but the ids

Killed at any moment, the note stays, and the same steps end the work. Weakness: a file system, an
SSD, a snapshot or a backup may keep blocks of a deleted file. Where that counts, files lie sealed
(KEFU_SEAL_FILES), so that such blocks say nothing without the key.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Container, Iterable, Set
from dataclasses import dataclass
from errno import ENOENT, ENOTEMPTY
from pathlib import Path

from knowledge_base.errors import ErasureUnfinished, ErasureUnreadable
from knowledge_base.history import HISTORY, History
from knowledge_base.index import CURRENT, VERSIONS
from knowledge_base.storage import flush
from knowledge_base.vault import Vault

ERASING = "erasing.json"
_SEALED = f"{ERASING}.*"


@dataclass(frozen=True)
class Erasing:
    """What was begun; empty where nothing was."""

    ids: tuple[str, ...] = ()
    """Of documents that were there, or of which the history knew."""
    changes: int = 0
    """Entries of the history that told of them."""


@dataclass(frozen=True)
class Swept:
    version: str | None
    """That serves from now on; None where no document may."""
    versions: int
    """Older ones that were deleted, whole or broken."""


class Note:
    """The erasure that is not finished yet. Only who holds the collection's lock may write."""

    def __init__(self, root: Path, vault: Vault, history: History) -> None:
        self._file = root / ERASING
        self._vault = vault
        self._history = history

    @property
    def is_there(self) -> bool:
        return self._vault.holds(self._file)

    def read(self) -> Erasing | None:
        """None where none is unfinished. Raises ErasureUnreadable."""
        try:
            row = json.loads(self._vault.read(self._file))
            return Erasing(tuple(map(str, row["ids"])), int(row["changes"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise ErasureUnreadable(self._file.parent.name, ERASING) from None

    def begin(self, ids: Iterable[str], there: Container[str]) -> Erasing:
        """With what was begun before; `there` are documents. Whoever is in neither them nor the
        history is not taken up."""
        before = self.read() or Erasing()
        asked = [one for one in dict.fromkeys(ids) if one not in before.ids]
        told = self._history.count(set(asked))
        known = [one for one in asked if one in there or one in told]
        erasing = Erasing((*before.ids, *known), before.changes + told.total())
        self._write(erasing)
        return erasing

    def check(self, coming: Set[str]) -> None:
        """Raises ErasureUnfinished for documents that come back before they are gone."""
        erasing = self.read()
        for one in erasing.ids if erasing else ():
            if one in coming:
                raise ErasureUnfinished(self._file.parent.name, one)

    def _write(self, erasing: Erasing) -> None:
        row = {"ids": erasing.ids, "changes": erasing.changes}
        self._vault.write(self._file, json.dumps(row).encode())

    def strike(self, ids: Iterable[str]) -> None:
        """Those are gone; the note goes with the last of them."""
        there = self.read() or Erasing()
        gone = set(ids)
        left = tuple(one for one in there.ids if one not in gone)
        if left:
            self._write(Erasing(left, there.changes))
            return
        # A vault may have put an ending behind the name.
        for file in [self._file, *self._file.parent.glob(_SEALED)]:
            file.unlink(missing_ok=True)
        flush(self._file.parent)


def was_built(root: Path) -> bool:
    return (root / CURRENT).exists()


def sweep(root: Path, *, kept: str | None) -> int:
    """How many versions were deleted: all but the one that is kept.

    What killed processes had half written goes too, of versions, documents and the history. Only
    under the collection's lock.
    """
    remove_drafts(root)
    if kept is None:
        (root / CURRENT).unlink(missing_ok=True)
        flush(root)
    versions = root / VERSIONS
    if not versions.is_dir():
        return 0
    others = [folder for folder in versions.iterdir() if folder.name != kept]
    for folder in others:
        _remove(folder)
    flush(versions)
    return sum(not folder.name.startswith(".") for folder in others)


def remove_drafts(root: Path) -> None:
    """What killed processes left of documents and revisions; only under the collection's lock."""
    for folder in (root, root / HISTORY):
        for draft in folder.glob(".*.draft"):
            draft.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """Raises OSError for what cannot be deleted: an erasure must not pass it over."""
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError as error:
            # Someone is sealing it, and wrote into it meanwhile.
            if error.errno not in (ENOENT, ENOTEMPTY):
                raise
