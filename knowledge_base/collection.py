"""A company's (or department's) documents and the index built from them, in one folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge_base.build import Progress, build_version
from knowledge_base.embedding import Embedder
from knowledge_base.erasure import Note, Swept, remove_drafts, sweep, was_built
from knowledge_base.errors import (
    CollectionNameInvalid,
    CollectionUnknown,
    DocumentUnknown,
    IndexCorrupt,
    NothingToServe,
    RevisionUnknown,
)
from knowledge_base.history import (
    COMMAND_LINE,
    Change,
    Deed,
    Documents,
    History,
    Revision,
)
from knowledge_base.importing import ImportReport, status_kept
from knowledge_base.index import DOCUMENTS, Index, current_version, embedder_of, load_version
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import DRAFT, PUBLISHED, Document
from knowledge_base.placement import Placement
from knowledge_base.readers import Watch, read_all, read_each
from knowledge_base.records import dump_lines, load_documents
from knowledge_base.storage import only_writer, write_atomically
from knowledge_base.validity import State, serving_on, state_on, turned_between
from knowledge_base.vault import PLAIN, Vault

HeldBack = Callable[[Sequence[Document]], Container[str]]
"""Of documents that were read, the ids of those that are to come in as drafts."""

_NAME = re.compile("[a-z0-9-]{1,64}")
_FORGOTTEN = ".forgotten"


class Collection:
    """`root` need not exist before the first import; its last part is the collection's name.

    Where the name comes from outside, `Collection.within` keeps it inside the folder. `vault` is
    how documents and indexes lie on disk; `kind` how vectors are searched, if not as the rule for
    their number says.
    """

    def __init__(
        self,
        root: Path,
        *,
        vault: Vault = PLAIN,
        kind: IndexKind | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not _NAME.fullmatch(root.name):
            raise CollectionNameInvalid(root.name)
        self.root = root
        self._vault = vault
        self._kind = kind
        self._now = now
        self._history = History(root, vault)
        self.note = Note(root, vault, self._history)

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

    def import_documents(self, paths: Iterable[Path], *, by: str = COMMAND_LINE) -> ImportReport:
        """Documents with a known id replace the old ones, others are added, none is removed.

        All files are imported or none; an index must be built afterwards.
        """
        return self.merge(read_all(paths), by=by, what=Deed.IMPORT)

    def import_readable(
        self,
        paths: Iterable[Path],
        *,
        watch: Watch | None = None,
        by: str = COMMAND_LINE,
        held_back: HeldBack | None = None,
    ) -> ImportReport:
        """Like `import_documents`, but a file that cannot be read keeps no other one out."""
        reading = read_each(paths, watch=watch)
        report = ImportReport(0, 0, 0)
        # Without a single file there is nothing to make a collection of.
        if reading.files:
            drafts = held_back(reading.documents) if held_back else ()
            report = self.merge(reading.documents, by=by, what=Deed.IMPORT, drafts=drafts)
        return replace(report, files=reading.files, refused=reading.refused)

    def merge(
        self,
        documents: Sequence[Document],
        *,
        by: str = COMMAND_LINE,
        what: Deed = Deed.EDIT,
        drafts: Container[str] = (),
    ) -> ImportReport:
        """A known document stays published or a draft as it is, whatever the new one says; those
        of `drafts` become drafts where they are new or differ."""
        with only_writer(self.root):
            there = self._vault.holds(self._file)
            known = self._known() if there else {}
            given = {d.id: status_kept(d, known.get(d.id), draft=d.id in drafts) for d in documents}
            merged = known | given
            added = len(merged) - len(known)
            unchanged = sum(known.get(document.id) == given[document.id] for document in documents)
            if merged != known or not there:
                self._write(known, merged, what, by)
        return ImportReport(added, len(documents) - added - unchanged, unchanged)

    def remove(self, ids: Iterable[str], *, by: str = COMMAND_LINE) -> int:
        """How many were there; they stop answering after the next build, and can be restored."""
        gone = set(ids)
        with only_writer(self.root):
            known = self._known()
            kept = {one: document for one, document in known.items() if one not in gone}
            if len(kept) < len(known):
                self._write(known, kept, Deed.DELETE, by)
        return len(known) - len(kept)

    def restore(self, ids: Iterable[str], *, by: str = COMMAND_LINE) -> int:
        """How many were deleted and are there again, as they were. Raises DocumentUnknown."""
        with only_writer(self.root):
            known = self._known()
            gone = self._history.deleted(self._history.numbers(self._digest()), known)
            wanted = [one for one in dict.fromkeys(ids) if one not in known]
            for one in wanted:
                if one not in gone:
                    raise DocumentUnknown(one, "that was deleted; what was erased stays away")
            if wanted:
                again = {one: gone[one] for one in wanted}
                self._write(known, known | again, Deed.RESTORE, by)
        return len(wanted)

    def publish(self, ids: Iterable[str], *, by: str = COMMAND_LINE) -> int:
        """How many were drafts; they answer after the next build. Raises DocumentUnknown."""
        return self._turn(ids, PUBLISHED, Deed.PUBLISH, by)

    def withdraw(self, ids: Iterable[str], *, by: str = COMMAND_LINE) -> int:
        """How many became drafts; they stop answering after the next build. Raises
        DocumentUnknown."""
        return self._turn(ids, DRAFT, Deed.WITHDRAW, by)

    def rollback(self, number: int, *, by: str = COMMAND_LINE) -> int:
        """How many documents differ; all are as they were after that revision.

        It is a revision of its own, so it can be rolled back too. Raises RevisionUnknown.
        """
        with only_writer(self.root):
            known = self._known()
            self._check_took_place(number)
            past = self._history.after(number)
            # Those that stay keep their place, so that less of the index changes.
            kept = {one: past[one] for one in known if one in past}
            merged = kept | past
            differing = sum(known.get(one) != past.get(one) for one in known | past)
            if differing:
                self._write(known, merged, Deed.ROLLBACK, by, target=number)
        return differing

    def revisions(self, *, limit: int, before: int | None = None) -> list[Revision]:
        """The newest first; `before` a number, for the next ones. Empty without a history."""
        numbers = self._history.numbers(self._digest())
        chosen = [number for number in numbers if before is None or number < before]
        return [self._history.head(number) for number in reversed(chosen[-limit:])]

    def versions(self, document_id: str) -> list[tuple[Revision, Change]]:
        """What happened to a document, the newest first; empty without a history."""
        numbers = self._history.numbers(self._digest())
        return list(self._history.versions(numbers, document_id))[::-1]

    def documents_after(self, number: int) -> dict[str, Document]:
        """By id, as they were after that revision; 0 for before the first. Raises
        RevisionUnknown."""
        self._check_took_place(number, least=0)
        return self._history.after(number)

    def deleted(self) -> list[Document]:
        """As they were before they went, the longest gone first."""
        known = self._known()
        return [*self._history.deleted(self._history.numbers(self._digest()), known).values()]

    def forget(self, ids: Iterable[str]) -> int:
        """How many deleted documents the history knew, and knows no longer: nothing restores them.

        The next build stands on no version that may hold their words. Raises DocumentUnknown for
        one that is still there: it must be deleted first.
        """
        gone = set(ids)
        with only_writer(self.root):
            for one in self._known():
                if one in gone:
                    raise DocumentUnknown(one, "that was deleted; delete it first")
            asked_before = self._forgotten.exists()
            # First, so that a call that is killed after it has asked for that build.
            write_atomically(self._forgotten, b"")
            remove_drafts(self.root)
            found = self._history.forget(gone)
            if not found and not asked_before:
                self._forgotten.unlink()
        return len(found)

    def sweep(self, embedder: Callable[[], Embedder], *, progress: Progress | None = None) -> Swept:
        """Leave one whole version on the disk, of what may answer today, and none from before.

        None at all where nothing may answer, or where none was built yet; only otherwise the
        embedder is asked for. Who reads an older one keeps it until it is closed.
        """
        with only_writer(self.root):
            at, kept = self._now(), None
            serving = serving_on(self.documents(), at.date())
            if serving and was_built(self.root):
                kept = self._build(serving, embedder(), progress, at=at, whole=True)
            return Swept(kept, sweep(self.root, kept=kept))

    def has_lost(self, number: int) -> bool:
        """Whether articles of that revision or of one before were erased since."""
        return self._history.has_lost(number)

    def ever_held(self) -> Iterator[Document]:
        """Each version that can still be read, the newest of each document first."""
        yield from self.documents()
        for number in reversed(self._history.numbers(self._digest())):
            for change in self._history.read(number)[1]:
                if change.after is not None:
                    yield change.after

    def serving(self, today: date | None = None) -> list[Document]:
        """Those that are published and valid on that day, else today in UTC."""
        return serving_on(self.documents(), today or self._now().date())

    def documents(self) -> list[Document]:
        """In the order of their first import."""
        try:
            found = load_documents(self._vault.read(self._file))
        except FileNotFoundError:
            raise CollectionUnknown(self.name) from None
        except (ValueError, KeyError, TypeError) as error:
            raise IndexCorrupt(DOCUMENTS, f"cannot be read ({error})") from None
        # Another program may have written one twice: the last counts, as it does for an import.
        return [*{document.id: document for document in found}.values()]

    def build(
        self,
        embedder: Embedder,
        *,
        progress: Progress | None = None,
        kind: IndexKind | None = None,
        whole: bool = False,
    ) -> str:
        """The name of the version that is current afterwards; quick if nothing changed.

        `kind` is for this build alone; a `whole` version does not stand on an older one. Raises
        NothingToServe where no document may answer today.
        """
        if not self._vault.holds(self._file):
            raise CollectionUnknown(self.name)
        with only_writer(self.root):
            # Read here: what was erased while this build waited for its turn must not come back.
            documents, at = self.documents(), self._now()
            serving = serving_on(documents, at.date())
            if documents and not serving:
                raise NothingToServe(self.name, len(documents))
            return self._build(serving, embedder, progress, kind, at=at, whole=whole)

    def current_version(self) -> str:
        """Raises IndexMissing before the first build."""
        return current_version(self.root)

    def built_with(self) -> str:
        """The name of the current version's embedder. Raises IndexMissing before the first."""
        return embedder_of(self.root, self._vault)

    def count_states(self, today: date) -> Mapping[State, int]:
        """Every state has its number."""
        counts = dict.fromkeys(State, 0)
        for document in self.documents():
            counts[state_on(document, today)] += 1
        return counts | {State.DELETED: len(self.deleted())}

    def is_outdated(self, today: date) -> bool:
        """Whether time alone changed, since the current version was built, which documents may
        answer. Raises IndexMissing before the first build."""
        built = datetime.strptime(self.current_version()[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        return turned_between(self.documents(), built, today)

    def load(self, embedder: Embedder, *, placement: Placement = Placement.CPU) -> Index:
        return load_version(self.root, embedder, placement=placement, vault=self._vault)

    @property
    def _file(self) -> Path:
        return self.root / DOCUMENTS

    def _build(
        self,
        serving: Sequence[Document],
        embedder: Embedder,
        progress: Progress | None,
        kind: IndexKind | None = None,
        *,
        at: datetime,
        whole: bool,
    ) -> str:
        version = build_version(
            *(self.root, serving, embedder),
            at=at,
            progress=progress or _in_silence,
            vault=self._vault,
            kind=kind or self._kind,
            whole=whole or self._forgotten.exists(),
        )
        self._forgotten.unlink(missing_ok=True)
        return version

    @property
    def _forgotten(self) -> Path:
        """There from a `forget` to the next build."""
        return self.root / _FORGOTTEN

    def _known(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents()}

    def _turn(self, ids: Iterable[str], status: str, what: Deed, by: str) -> int:
        with only_writer(self.root):
            known = self._known()
            turned = {}
            for one in ids:
                if one not in known:
                    raise DocumentUnknown(one, f"in {self.name}")
                if known[one].status != status:
                    turned[one] = replace(known[one], status=status)
            if turned:
                self._write(known, known | turned, what, by)
        return len(turned)

    def _write(
        self, known: Documents, merged: Documents, what: Deed, by: str, *, target: int | None = None
    ) -> None:
        """The revision first, then what it leads to: `history` says why. Raises
        ErasureUnfinished."""
        self.note.check(merged.keys() - known.keys())
        was, data, at = self._digest(), dump_lines(merged.values()), self._now()
        number = self._history.settle(known, was, at=at)
        self._history.append(
            *(number, known, merged),
            what=what,
            by=by,
            was=was,
            became=_digest(data),
            target=target,
            at=at,
        )
        self._vault.write(self._file, data)

    def _digest(self) -> str:
        try:
            return _digest(self._vault.read(self._file))
        except FileNotFoundError:
            return ""

    def _check_took_place(self, number: int, *, least: int = 1) -> None:
        numbers = self._history.numbers(self._digest())
        if not least <= number <= len(numbers):
            raise RevisionUnknown(number, len(numbers))


def list_collections(folder: Path) -> list[str]:
    """Names of the collections that hold documents; `folder` need not exist."""
    # A vault may have put an ending behind the name.
    names = {file.parent.name for file in folder.glob(f"*/{DOCUMENTS}*")}
    return sorted(name for name in names if _NAME.fullmatch(name))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _in_silence(stage: str, done: int, total: int) -> None:
    pass
