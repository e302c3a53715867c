"""What became of a collection's documents, change by change: nothing that was written is lost.

    root/history/000001.jsonl       a line about the change, then one for each document it touched

A revision is written before the documents that it leads to, and tells the digest of their file
before and after. Killed in between, the documents are those of before: such a last revision is
passed over by readers, and the next change is written in its place. Documents that
something else has changed, such as a version of this program that kept no history, become a
revision of their own (`FOUND`) before the next change.

Each revision holds its documents as they were afterwards; before, they were as an earlier one left
them. What was deleted or replaced stays readable here until `forget` takes it out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from knowledge_base.errors import HistoryCorrupt, RevisionUnknown
from knowledge_base.passages import Document
from knowledge_base.records import as_row, document_of, dump_lines
from knowledge_base.vault import Vault

HISTORY = "history"
COMMAND_LINE = "command line"
Documents = Mapping[str, Document]
"""By id."""


class Deed(StrEnum):
    FOUND = "found"
    IMPORT = "import"
    EDIT = "edit"
    DELETE = "delete"
    RESTORE = "restore"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Change:
    id: str
    before: str
    """Digest of the document before; empty if there was none."""
    after: Document | None


@dataclass(frozen=True)
class Revision:
    number: int
    """From 1."""
    at: datetime
    by: str
    """A user's e-mail address, or `COMMAND_LINE`; empty for what was found."""
    what: Deed
    added: int
    changed: int
    removed: int
    was: str
    """Digest of the file of documents before; empty if there was none."""
    became: str
    target: int | None = None
    """The revision that a rollback went back to."""


class History:
    """Only who holds the collection's lock may call `settle` and `append`."""

    def __init__(self, root: Path, vault: Vault) -> None:
        self._folder = root / HISTORY
        self._vault = vault

    def numbers(self, digest: str) -> list[int]:
        """Of the revisions that took place, given the digest of the file of documents."""
        found = self._written()
        return found[:-1] if found and self._broken_off(found[-1], digest) else found

    def read(self, number: int) -> tuple[Revision, list[Change]]:
        file, lines = self._file(number), self._lines(number)
        try:
            return _head(number, lines[0]), [_change(json.loads(line)) for line in lines[1:]]
        except (ValueError, KeyError, TypeError) as error:
            raise HistoryCorrupt(file.name, f"cannot be read ({error})") from None

    def head(self, number: int) -> Revision:
        file, lines = self._file(number), self._lines(number)
        try:
            return _head(number, lines[0])
        except (ValueError, KeyError, TypeError) as error:
            raise HistoryCorrupt(file.name, f"cannot be read ({error})") from None

    def after(self, number: int) -> dict[str, Document]:
        """The documents as they were after that revision; 0 for before the first."""
        state: dict[str, Document] = {}
        for step in range(1, number + 1):
            for change in self.read(step)[1]:
                before = state.get(change.id)
                if change.before != (digest_of(before) if before else ""):
                    raise HistoryCorrupt(self._file(step).name, "does not follow the one before it")
                if change.after is None:
                    del state[change.id]
                else:
                    state[change.id] = change.after
        return state

    def deleted(self, numbers: list[int], known: Documents) -> dict[str, Document]:
        """As each was before it went, the longest gone first; `known` are still there."""
        gone: dict[str, Document] = {}
        last: dict[str, Document] = {}
        for number in numbers:
            for change in self.read(number)[1]:
                gone.pop(change.id, None)
                if change.after is not None:
                    last[change.id] = change.after
                elif change.id in last and change.id not in known:
                    gone[change.id] = last[change.id]
        return gone

    def versions(self, numbers: list[int], document_id: str) -> Iterator[tuple[Revision, Change]]:
        """Each change of that document, the first one first."""
        for number in numbers:
            revision, changes = self.read(number)
            for change in changes:
                if change.id == document_id:
                    yield revision, change

    def has_lost(self, number: int) -> bool:
        """Whether something was forgotten of that revision or of one before: heads keep their
        numbers."""
        for step in range(1, number + 1):
            head, changes = self.read(step)
            if head.added + head.changed + head.removed > len(changes):
                return True
        return False

    def count(self, gone: Container[str]) -> Counter[str]:
        """In how many revisions each of those stands of which something is there."""
        return Counter(
            change.id
            for number in self._written()
            for change in self.read(number)[1]
            if change.id in gone
        )

    def forget(self, gone: Container[str]) -> set[str]:
        """Those of which something was there: as if they had never been, but for their numbers in
        the heads. They must be deleted by now.

        The newest revision goes first, so that whatever is killed half-way leaves each revision
        following the one before it, and the same call ends the work.
        """
        found: set[str] = set()
        for number in reversed(self._written()):
            head, *lines = self._lines(number)
            changes = self.read(number)[1]
            theirs = {change.id for change in changes if change.id in gone}
            if theirs:
                kept = [
                    line
                    for line, change in zip(lines, changes, strict=True)
                    if change.id not in theirs
                ]
                data = "".join(f"{line}\n" for line in (head, *kept))
                self._vault.write(self._file(number), data.encode())
                found |= theirs
        return found

    def settle(self, known: Documents, digest: str, *, at: datetime) -> int:
        """The number of the next revision, once the history tells how the documents came to be as
        they are."""
        written = self._written()
        following = len(written) + 1
        if written and self._broken_off(written[-1], digest):
            following -= 1
        if following == 1 or self.head(following - 1).became != digest:
            told = self.append(
                *(following, self.after(following - 1), known),
                what=Deed.FOUND,
                by="",
                was=digest,
                became=digest,
                at=at,
            )
            following += told
        return following

    def append(
        self,
        number: int,
        before: Documents,
        after: Documents,
        *,
        what: Deed,
        by: str,
        was: str,
        became: str,
        at: datetime,
        target: int | None = None,
    ) -> bool:
        """False, and nothing written, where nothing differs."""
        changes = list(_differences(before, after))
        if not changes:
            return False
        added = sum(not change.before for change in changes)
        removed = sum(change.after is None for change in changes)
        head: dict[str, Any] = {
            "at": at.isoformat(timespec="seconds"),
            "by": by,
            "what": what.value,
            "added": added,
            "changed": len(changes) - added - removed,
            "removed": removed,
            "was": was,
            "became": became,
            "target": target,
        }
        rows = [head, *map(_row, changes)]
        data = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._vault.write(self._file(number), data.encode())
        return True

    def _written(self) -> list[int]:
        """Raises HistoryCorrupt for a gap."""
        # A vault may have put an ending behind the name.
        names = {path.name[:6] for path in self._folder.glob("[0-9]*.jsonl*")}
        found = sorted(int(name) for name in names)
        for number, there in enumerate(found, start=1):
            if number != there:
                raise HistoryCorrupt(self._file(number).name, "is missing")
        return found

    def _broken_off(self, number: int, digest: str) -> bool:
        last = self.head(number)
        return digest == last.was and digest != last.became

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06}.jsonl"

    def _lines(self, number: int) -> list[str]:
        """At least one."""
        file = self._file(number)
        try:
            # str.splitlines would also cut at U+2028 and the like, which JSON leaves unescaped.
            lines = self._vault.read(file).decode().split("\n")
        except FileNotFoundError:
            written = self._written()
            raise RevisionUnknown(number, written[-1] if written else 0) from None
        except UnicodeDecodeError:
            raise HistoryCorrupt(file.name, "is not UTF-8") from None
        if lines.pop() or not lines:
            raise HistoryCorrupt(file.name, "was cut short")
        return lines


def digest_of(document: Document) -> str:
    return hashlib.sha256(dump_lines([document])).hexdigest()


def _head(number: int, line: str) -> Revision:
    row = json.loads(line)
    at, what = datetime.fromisoformat(row.pop("at")), Deed(row.pop("what"))
    return Revision(number=number, at=at, what=what, **row)


def _differences(before: Documents, after: Documents) -> Iterator[Change]:
    for known_id, known in before.items():
        if after.get(known_id) != known:
            yield Change(known_id, digest_of(known), after.get(known_id))
    for new_id, new in after.items():
        if new_id not in before:
            yield Change(new_id, "", new)


def _row(change: Change) -> dict[str, Any]:
    after = None if change.after is None else as_row(change.after)
    return {"id": change.id, "before": change.before, "after": after}


def _change(row: Mapping[str, Any]) -> Change:
    after = None if row["after"] is None else document_of(row["after"])
    return Change(row["id"], row["before"], after)
