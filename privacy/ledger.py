"""An audit log whose entries each carry the hash of the one before.

Whoever changes, removes or moves an entry must rewrite every later one. With a key (HMAC) that
takes more than access to the database; without one, only a head kept elsewhere gives it away.

Weakness: cutting off the last entries leaves a chain that is sound in itself, key or not. Only a
`Head` that was exported and kept out of the database's reach shows it, and nothing protects what
was appended after the last export.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

from privacy.errors import LedgerInvalid

GENESIS = "0" * 64
_DOMAIN = "kefu ledger 1"


@dataclass(frozen=True)
class Entry:
    """Who did what to whose data, and why. `subject` is a reference, never personal data."""

    sequence: int
    """From 1, without gaps."""
    at: datetime
    actor: str
    role: str
    action: str
    subject: str
    purpose: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Head:
    """The chain's end at one moment, to be kept where nobody can rewrite it."""

    sequence: int
    hash: str

    def export(self) -> str:
        return json.dumps({"ledger": _DOMAIN, "sequence": self.sequence, "hash": self.hash})

    @staticmethod
    def parse(text: str) -> Head:
        """Raises LedgerInvalid."""
        try:
            data = json.loads(text)
            if data["ledger"] != _DOMAIN or len(bytes.fromhex(data["hash"])) != 32:
                raise ValueError
            return Head(int(data["sequence"]), data["hash"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise LedgerInvalid("the text is no exported head of a ledger") from None


class Fault(StrEnum):
    ALTERED = "altered"
    """The entry's content does not fit its hash, or the key is another one."""
    UNLINKED = "unlinked"
    """It does not continue the entry before it: one of the two was rewritten."""
    REMOVED = "removed"
    REORDERED = "reordered"
    DOUBLED = "doubled"
    TRUNCATED = "truncated"
    """Entries up to the anchored head are missing at the end."""
    REPLACED = "replaced"
    """The whole chain was rewritten: it holds together but not with the anchored head."""


@dataclass(frozen=True)
class Break:
    fault: Fault
    first: int
    last: int
    """Sequence numbers, both included."""


@dataclass(frozen=True)
class Verdict:
    entries: int
    breaks: tuple[Break, ...]
    """In order of sequence; empty when the chain is sound."""
    anchored: bool
    """False: entries may have been cut off at the end without a trace."""

    @property
    def intact(self) -> bool:
        return not self.breaks


def next_entry(
    previous: Entry | None,
    *,
    at: datetime,
    actor: str,
    role: str,
    action: str,
    subject: str,
    purpose: str,
    key: bytes | None = None,
) -> Entry:
    """Raises LedgerInvalid for a time without zone or a purpose left out."""
    if at.tzinfo is None:
        raise LedgerInvalid("the time has no time zone")
    for name, value in (("actor", actor), ("role", role), ("action", action), ("purpose", purpose)):
        if not value.strip():
            raise LedgerInvalid(f"the {name} is empty")
    content = Entry(
        sequence=1 if previous is None else previous.sequence + 1,
        at=at.astimezone(UTC),
        actor=actor,
        role=role,
        action=action,
        subject=subject,
        purpose=purpose,
        previous=GENESIS if previous is None else previous.hash,
        hash="",
    )
    return replace(content, hash=entry_hash(content, key=key))


def entry_hash(entry: Entry, *, key: bytes | None = None) -> str:
    """SHA-256 of the canonical form, or HMAC-SHA-256 with a key, in hexadecimal."""
    data = canonical(entry)
    if key is None:
        return hashlib.sha256(data).hexdigest()
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def canonical(entry: Entry) -> bytes:
    """The one form that is hashed: a JSON list in fixed order, times in UTC to the microsecond."""
    fields = [
        _DOMAIN,
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.role,
        entry.action,
        entry.subject,
        entry.purpose,
        entry.previous,
    ]
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()


def head_of(entries: Sequence[Entry]) -> Head:
    return Head(entries[-1].sequence, entries[-1].hash) if entries else Head(0, GENESIS)


def verify(
    entries: Iterable[Entry], *, head: Head | None = None, key: bytes | None = None
) -> Verdict:
    """`entries` as they are stored, in the order they claim; all breaks, not only the first."""
    chain = list(entries)
    breaks = [*_altered(chain, key), *_misplaced(chain), *_missing(chain), *_unlinked(chain)]
    if head is not None:
        breaks += _against(chain, head)
    return Verdict(
        entries=len(chain),
        breaks=tuple(sorted(breaks, key=lambda found: (found.first, found.last))),
        anchored=head is not None,
    )


def _altered(chain: list[Entry], key: bytes | None) -> list[Break]:
    return [
        Break(Fault.ALTERED, entry.sequence, entry.sequence)
        for entry in chain
        if not hmac.compare_digest(entry_hash(entry, key=key), entry.hash)
    ]


def _misplaced(chain: list[Entry]) -> list[Break]:
    found, seen, highest = [], set[int](), 0
    for entry in chain:
        if entry.sequence in seen:
            found.append(Break(Fault.DOUBLED, entry.sequence, entry.sequence))
        elif entry.sequence < highest:
            found.append(Break(Fault.REORDERED, entry.sequence, entry.sequence))
        seen.add(entry.sequence)
        highest = max(highest, entry.sequence)
    return found


def _missing(chain: list[Entry]) -> list[Break]:
    numbers = [0, *sorted(entry.sequence for entry in chain)]
    return [
        Break(Fault.REMOVED, one + 1, two - 1) for one, two in pairwise(numbers) if two > one + 1
    ]


def _unlinked(chain: list[Entry]) -> list[Break]:
    found = []
    if chain and chain[0].sequence == 1 and chain[0].previous != GENESIS:
        found.append(Break(Fault.UNLINKED, 1, 1))
    for one, two in pairwise(sorted(chain, key=lambda entry: entry.sequence)):
        # Across a gap nothing can be linked; the gap itself is reported.
        if two.sequence == one.sequence + 1 and two.previous != one.hash:
            found.append(Break(Fault.UNLINKED, one.sequence, two.sequence))
    return found


def _against(chain: list[Entry], head: Head) -> list[Break]:
    last = max((entry.sequence for entry in chain), default=0)
    if last < head.sequence:
        return [Break(Fault.TRUNCATED, last + 1, head.sequence)]
    at_head = [entry.hash for entry in chain if entry.sequence == head.sequence]
    if head.sequence and at_head and head.hash not in at_head:
        return [Break(Fault.REPLACED, 1, head.sequence)]
    return []
