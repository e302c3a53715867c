"""Who holds the keys: one random data key a customer, each wrapped by the master key.

Destroying a customer's data key erases everything it sealed, in every copy of the database, also
in copies made before. Data keys therefore never stand in the database, and a backup of the key
ring must be kept apart from it and for no longer than the company promises erasure to take.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

Clock = Callable[[], datetime]
Progress = Callable[[int, int], None]
"""Called with the number of keys done and of all keys."""


@dataclass(frozen=True)
class DataKey:
    """AES-256: 32 secret bytes."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class KeyHistory:
    """Of one customer: which key seals, since when, and which ones only open still."""

    current: str
    since: datetime
    former: tuple[str, ...] = ()


@dataclass(frozen=True)
class MasterStatus:
    id: str
    created_at: datetime
    keys: int
    """How many data keys it wraps."""
    current: bool


@dataclass(frozen=True)
class KeyRingStatus:
    """What an auditor may see: counts, identifiers and dates, nothing secret."""

    keys: int
    destroyed: int
    masters: tuple[MasterStatus, ...]
    """Oldest first; more than one means that a rotation has not finished."""
    oldest_key_at: datetime | None
    former: int = 0
    """Keys that only open what they sealed before a full re-encryption began."""
    kept_by: str | None = None
    """Who wraps the masters, and by which key; None where they lie with the keys they wrap."""


class KeyRing(Protocol):
    def data_key(self, customer: str) -> DataKey:
        """The key to seal with, made at first use.

        Processes that race for the first use get the same key. A customer who returns after an
        erasure gets a new key with a new id.
        """
        ...

    def find(self, customer: str, *, key_id: str | None = None) -> DataKey:
        """The key to open with; never makes one.

        With `key_id`, exactly that key. Raises KeyDestroyed, or KeyUnknown where there never was
        such a key.
        """
        ...

    def destroy(self, customer: str) -> bool:
        """Cryptographic erasure, former keys included; False where no key was left to destroy."""
        ...

    def history(self, customer: str) -> KeyHistory:
        """Raises KeyDestroyed, or KeyUnknown where there never was a key."""
        ...

    def renew(self, customer: str, *, older_than: datetime) -> KeyHistory:
        """A fresh key to seal with in place of one made before that moment.

        The former one goes on opening what it sealed. Whoever asked for the key before may still
        be storing something that it sealed. Raises as `history` does.
        """
        ...

    def retire(self, customer: str, key_ids: Collection[str]) -> int:
        """Destroy these former keys, never the one in use; how many were there."""
        ...

    def rotate(self, *, progress: Progress | None = None) -> str:
        """Wrap every data key by a new master key and forget the former; the new master's id.

        Values need no sealing anew. Interrupted at any point, every key stays usable; the next
        rotation finishes the work.
        """
        ...

    def status(self) -> KeyRingStatus: ...

    def secret_for(self, purpose: str) -> bytes:
        """32 bytes for one other use, such as the ledger's HMAC; rotation does not change them."""
        ...


def utc_now() -> datetime:
    return datetime.now(UTC)
