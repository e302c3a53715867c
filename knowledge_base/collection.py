"""A company's (or department's) documents and the index built from them, in one folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge_base.build import Progress, build_version
from knowledge_base.embedding import Embedder
from knowledge_base.errors import (
    CollectionNameInvalid,
    CollectionUnknown,
    IndexCorrupt,
    SourceError,
)
from knowledge_base.index import DOCUMENTS, Index, current_version, load_version
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document
from knowledge_base.placement import Placement
from knowledge_base.readers import Watch, read_all, read_each
from knowledge_base.records import dump_lines, load_documents
from knowledge_base.storage import only_writer
from knowledge_base.vault import PLAIN, Vault

_NAME = re.compile("[a-z0-9-]{1,64}")


@dataclass(frozen=True)
class ImportReport:
    """Numbers of documents."""

    added: int
    changed: int
    unchanged: int
    files: int = 0
    """That were read whole, where the import counted them."""
    refused: tuple[SourceError, ...] = ()
    """One for each file of which nothing was imported."""


class Collection:
    """`root` need not exist before the first import; its last part is the collection's name.

    Where the name comes from outside, `Collection.within` keeps it inside the folder. `vault` is
    how documents and indexes lie on disk; `kind` how vectors are searched, if not as the rule for
    their number says.
    """

    def __init__(self, root: Path, *, vault: Vault = PLAIN, kind: IndexKind | None = None) -> None:
        if not _NAME.fullmatch(root.name):
            raise CollectionNameInvalid(root.name)
        self.root = root
        self._vault = vault
        self._kind = kind

    @classmethod
    def within(
        cls, folder: Path, name: str, *, vault: Vault = PLAIN, kind: IndexKind | None = None
    ) -> Collection:
        if not _NAME.fullmatch(name):
            raise CollectionNameInvalid(name)
        return cls(folder / name, vault=vault, kind=kind)

    @property
    def name(self) -> str:
        return self.root.name

    def import_documents(self, paths: Iterable[Path]) -> ImportReport:
        """Documents with a known id replace the old ones, others are added, none is removed.

        All files are imported or none; an index must be built afterwards.
        """
        return self.merge(read_all(paths))

    def import_readable(self, paths: Iterable[Path], *, watch: Watch | None = None) -> ImportReport:
        """Like `import_documents`, but a file that cannot be read keeps no other one out."""
        reading = read_each(paths, watch=watch)
        # Without a single file there is nothing to make a collection of.
        report = self.merge(reading.documents) if reading.files else ImportReport(0, 0, 0)
        return replace(report, files=reading.files, refused=reading.refused)

    def merge(self, documents: Sequence[Document]) -> ImportReport:
        with only_writer(self.root):
            there = self._vault.holds(self._file)
            known = {d.id: d for d in self.documents()} if there else {}
            merged = known | {document.id: document for document in documents}
            added = len(merged) - len(known)
            unchanged = sum(known.get(document.id) == document for document in documents)
            if merged != known or not there:
                self._vault.write(self._file, dump_lines(merged.values()))
        return ImportReport(added, len(documents) - added - unchanged, unchanged)

    def remove(self, ids: Iterable[str]) -> int:
        """How many were there; they stop answering after the next build."""
        gone = set(ids)
        with only_writer(self.root):
            known = self.documents()
            kept = [document for document in known if document.id not in gone]
            if len(kept) < len(known):
                self._vault.write(self._file, dump_lines(kept))
        return len(known) - len(kept)

    def documents(self) -> list[Document]:
        """In the order of their first import."""
        try:
            return load_documents(self._vault.read(self._file))
        except FileNotFoundError:
            raise CollectionUnknown(self.name) from None
        except (ValueError, KeyError, TypeError) as error:
            raise IndexCorrupt(DOCUMENTS, f"cannot be read ({error})") from None

    def build(
        self,
        embedder: Embedder,
        *,
        progress: Progress | None = None,
        kind: IndexKind | None = None,
    ) -> str:
        """The name of the version that is current afterwards; quick if nothing changed.

        `kind` is for this build alone.
        """
        return build_version(
            *(self.root, self.documents(), embedder),
            progress=progress or _in_silence,
            vault=self._vault,
            kind=kind or self._kind,
        )

    def current_version(self) -> str:
        """Raises IndexMissing before the first build."""
        return current_version(self.root)

    def load(self, embedder: Embedder, *, placement: Placement = Placement.CPU) -> Index:
        return load_version(self.root, embedder, placement=placement, vault=self._vault)

    @property
    def _file(self) -> Path:
        return self.root / DOCUMENTS


def list_collections(folder: Path) -> list[str]:
    """Names of the collections that hold documents; `folder` need not exist."""
    # A vault may have put an ending behind the name.
    names = {file.parent.name for file in folder.glob(f"*/{DOCUMENTS}*")}
    return sorted(name for name in names if _NAME.fullmatch(name))


def _in_silence(stage: str, done: int, total: int) -> None:
    pass
