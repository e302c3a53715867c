"""Versions of a collection's intent model: who serves, who served, who was refused and why.

`registry.json` lies beside the versions and tells their story; which version serves is what the
pointer `CURRENT` says, and nothing else. So a move is announced in the file, made at the pointer
and then written down as done: whoever opens the registry after a crash in between sees from the
pointer whether it happened. Versions that came without a registry are adopted on the way.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from chatbot.adapters.intent_directory import MANIFEST, read_directory
from chatbot.clock import SystemClock
from chatbot.intent_home import CURRENT, promote_intents
from chatbot.ports import Clock
from chatbot.shelf import pointer_text
from knowledge_base.vault import PLAIN, Vault
from training.errors import (
    ChampionMoved,
    NothingToRollBack,
    RegistryBusy,
    VersionRefused,
    VersionUnknown,
)
from training.lineage import Event, Lineage, State, Version, What
from training.lineage_file import Book, Pending, read_book, write_book
from training.verdict import GateResult

REGISTRY = "registry.json"
WAIT_SECONDS = 30.0
KEPT_VERSIONS = 4
NOBODY = "kefu"
"""Who did what nobody asked for, such as adopting a version."""
SOURCE = "SOURCE"
"""Beside a version: the fingerprint of the rows it was trained from."""
_GONE = ".gone-"


class Registry:
    """Safe to use from several processes; every change is one atomic write under a lock."""

    def __init__(
        self,
        intents_home: Path,
        collection: str,
        *,
        clock: Clock | None = None,
        wait_seconds: float = WAIT_SECONDS,
        vault: Vault = PLAIN,
    ) -> None:
        self._intents_home = intents_home
        self._collection = collection
        self._home = intents_home / collection
        self._path = self._home / REGISTRY
        self._clock = clock or SystemClock()
        self._wait_seconds = wait_seconds
        self._vault = vault

    @property
    def champion(self) -> str | None:
        return self.lineage().champion

    def lineage(self) -> Lineage:
        """As it is now, a crash and adopted versions accounted for; writes nothing."""
        return self._settled().lineage

    def history(self) -> tuple[Version, ...]:
        """Newest first."""
        return self.lineage().versions[::-1]

    def directory(self, version: str) -> Path:
        """Raises VersionUnknown."""
        directory = self._home / version
        if not _is_version(directory):
            raise VersionUnknown(self._collection, version)
        return directory

    def register(self, version: str, *, parent: str | None, by: str, note: str = "") -> Version:
        """A directory that lies in its place becomes a challenger; twice is once."""
        self.directory(version)
        with self._writing() as book:
            event = self._event(What.REGISTERED, by, note)
            fresh = Version(version, State.CHALLENGER, parent, events=(event,))
            lineage = book.lineage.registered(fresh)
            self._write(Book(lineage))
        return lineage[version]

    def judge(self, version: str, gate: GateResult, *, by: str) -> Version:
        """Keep the gate's verdict; a version that failed is refused from then on."""
        with self._writing() as book:
            self._known(book, version)
            note = "passed" if gate.passed else ", ".join(check.name for check in gate.failed)
            event = self._event(What.JUDGED, by, note)
            lineage = book.lineage.judged(version, gate, event)
            self._write(Book(lineage))
        return lineage[version]

    def promote(
        self,
        version: str,
        *,
        by: str,
        note: str = "",
        override: bool = False,
        instead_of: str | None = None,
    ) -> Lineage:
        """Let `version` serve; the former champion stays for a rollback.

        `instead_of` is the champion that the caller compared with. Raises VersionUnknown,
        VersionRefused (unless `override`), ChampionMoved, and ModelDirectoryInvalid where a file
        is not the one that was trained.
        """
        with self._writing() as book:
            known = self._known(book, version)
            if known.state is State.REFUSED and not override:
                raise VersionRefused(version)
            if instead_of is not None and instead_of != book.lineage.champion:
                raise ChampionMoved(instead_of, book.lineage.champion)
            note = note or ("against the gate" if known.state is State.REFUSED else "")
            return self._move(book, Pending(version, self._event(What.PROMOTED, by, note)))

    def rollback(self, *, by: str, note: str = "") -> Lineage:
        """The former champion serves again. Raises NothingToRollBack."""
        with self._writing() as book:
            former = book.lineage.predecessor
            if former is None:
                raise NothingToRollBack(self._collection)
            event = self._event(What.ROLLED_BACK, by, note)
            return self._move(book, Pending(former, event, back=True))

    def forget(self, keep: int = KEPT_VERSIONS, *, by: str = NOBODY) -> tuple[str, ...]:
        """Delete all but the newest; the champion and its predecessor stay in any case."""
        with self._writing() as book:
            names = book.lineage.spare(keep)
            self._delete(book, names, self._event(What.FORGOTTEN, by))
        return names

    def discard(self, version: str, *, by: str, note: str) -> None:
        """Delete a version that never served; twice is once, and so is never. One that serves, or
        has, is a matter for `promote` and `rollback`, and stays."""
        with self._writing() as book:
            known = book.lineage.find(version)
            there = known is not None and known.kept and version not in book.lineage.line
            names = (version,) if there else ()
            self._delete(book, names, self._event(What.FORGOTTEN, by, note))

    def _delete(self, book: Book, names: tuple[str, ...], event: Event) -> None:
        for name in names:
            (self._home / name).rename(self._home / f"{_GONE}{name}")
            source_file(self._home / name).unlink(missing_ok=True)
        if names:
            self._write(Book(book.lineage.forgotten(names, event)))
        for remains in self._home.glob(f"{_GONE}*"):
            shutil.rmtree(remains)

    @contextmanager
    def _writing(self) -> Iterator[Book]:
        self._home.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._home / ".registry.lock", timeout=self._wait_seconds):
                yield self._settled()
        except Timeout:
            raise RegistryBusy(self._path, self._wait_seconds) from None

    def _move(self, book: Book, pending: Pending) -> Lineage:
        with self._vault.opened(self.directory(pending.version)) as opened:
            read_directory(opened)
        self._write(replace(book, pending=pending))
        promote_intents(self._intents_home, self._collection, pending.version)
        settled = self._settled()
        self._write(settled)
        return settled.lineage

    def _known(self, book: Book, version: str) -> Version:
        known = book.lineage.find(version)
        if known is None or not known.kept:
            raise VersionUnknown(self._collection, version)
        return known

    def _settled(self) -> Book:
        """The book as the disk bears it out."""
        serving = pointer_text(self._home / CURRENT)
        present = _versions(self._home)
        book = read_book(self._path)
        if book is None:
            return Book(_adopted(self._home, present, serving))
        lineage = _completed(book, serving)
        for name in present:
            if lineage.find(name) is None:
                lineage = lineage.registered(_found(self._home / name, State.CHALLENGER))
        lost = [v.name for v in lineage.versions if v.kept and v.name not in present]
        lost = [name for name in lost if name != serving]
        if lost:
            event = self._event(What.FORGOTTEN, NOBODY, "its files are gone")
            lineage = lineage.forgotten(lost, event)
        if serving in present and serving != lineage.champion:
            event = self._event(What.PROMOTED, NOBODY, "found serving")
            lineage = lineage.crowned(serving, event)
        return Book(lineage)

    def _event(self, what: What, by: str, note: str = "") -> Event:
        return Event(what, by, self._clock.now(), note)

    def _write(self, book: Book) -> None:
        write_book(self._path, book)


def source_file(version: Path) -> Path:
    return version.with_suffix(f".{SOURCE}")


def _is_version(path: Path) -> bool:
    return path.name[0] != "." and (path / MANIFEST).is_file()


def _versions(home: Path) -> list[str]:
    """Oldest first: names begin with the time of training."""
    return (
        sorted(path.name for path in home.iterdir() if _is_version(path)) if home.is_dir() else []
    )


def _adopted(home: Path, present: list[str], serving: str) -> Lineage:
    """Before there was a registry every training was promoted, so the older ones have served."""
    line = tuple(name for name in present if name < serving)
    states = dict.fromkeys(line, State.RETIRED) | {serving: State.CHAMPION}
    versions = tuple(_found(home / name, states.get(name, State.CHALLENGER)) for name in present)
    return Lineage(versions, (*line, serving) if serving in present else ())


def _found(directory: Path, state: State) -> Version:
    at = datetime.fromtimestamp((directory / MANIFEST).stat().st_mtime, UTC)
    return Version(directory.name, state, events=(Event(What.ADOPTED, NOBODY, at),))


def _completed(book: Book, serving: str) -> Lineage:
    pending, lineage = book.pending, book.lineage
    if pending is None or pending.version != serving or serving == lineage.champion:
        return lineage
    return (
        lineage.stepped_back(pending.event)
        if pending.back
        else lineage.crowned(serving, pending.event)
    )
