"""Full re-encryption: every customer gets a fresh key, and what the former one sealed is sealed
anew, before that key is destroyed.

Killed at any point, nothing is unreadable and calling it again ends the work: the ledger has when
the round began, the key ring whose key is older than that, and each sealed value tells its key.
Copies of the database that were made before cannot be opened once it has ended.

Weakness: a process that holds a value under a former key for longer than `GRACE_SECONDS` before it
stores it (one that was suspended, say) stores something that nothing opens.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatbot.ports import Clock
from chatbot.privacy_desk import Actor, PrivacyDesk, write
from chatbot.privacy_ports import SealedValue, SealedValues
from privacy.envelope import Sealed, seal, unseal
from privacy.errors import KeyUnavailable, SealBroken

GRACE_SECONDS = 60.0
"""Between sealing a message and storing it lie milliseconds, or the wait for a busy database."""
SEALING, WAITING, DESTROYING = "Sealing anew", "Waiting for messages under way", "Destroying keys"
_BEGUN, _ENDED = "reseal_begin", "reseal_end"
_PURPOSE = "full re-encryption"
_BATCH = 200

Progress = Callable[[str, int, int], None]
"""Called with the stage, what is done of it and how much there is: customers, or seconds."""


@dataclass(frozen=True)
class Resealed:
    customers: int
    """Whose former keys were destroyed."""
    values: int
    """Sealed anew by this call; an earlier one that was broken off may have done others."""
    unreadable: int
    """Values that were altered before: they stay as they are, and so does their key."""


@dataclass
class _Tally:
    customers: int = 0
    values: int = 0
    unreadable: int = 0


def reseal_stored(
    desk: PrivacyDesk,
    *,
    actor: Actor,
    progress: Progress = lambda stage, done, total: None,
    grace_seconds: float = GRACE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> Resealed:
    begun, tally = _begin(desk, actor), _Tally()
    patience = _Patience(desk.clock, timedelta(seconds=grace_seconds), progress, pause)
    total, newest = desk.sealed.count_customers(), None
    for done, customer in enumerate(desk.sealed.customers(), start=1):
        with suppress(KeyUnavailable):
            history = desk.keys.renew(customer, older_than=begun)
            if history.former:
                newest = history.since
                tally.values += _seal_anew(desk, customer, history.former)
        progress(SEALING, min(done, total), total)
    if newest is not None:
        patience.wait(newest)
    for done, customer in enumerate(desk.sealed.customers(), start=1):
        with suppress(KeyUnavailable):
            history = desk.keys.history(customer)
            if history.former:
                # Renewed by another call at this moment, perhaps.
                patience.wait(history.since)
                _retire(desk, customer, history.former, tally)
        progress(DESTROYING, min(done, total), total)
    desk.sealed.empty_journal()
    resealed = Resealed(tally.customers, tally.values, tally.unreadable)
    said = " ".join(f"{name}={count}" for name, count in vars(resealed).items())
    write(desk, actor, _ENDED, subject=said, purpose=_PURPOSE)
    return resealed


def _begin(desk: PrivacyDesk, actor: Actor) -> datetime:
    """When the round that is under way began: this one, or one that was broken off."""
    steps = [entry for entry in desk.ledger.entries() if entry.action in (_BEGUN, _ENDED)]
    if steps and steps[-1].action == _BEGUN:
        return steps[-1].at
    return write(desk, actor, _BEGUN, subject="keys", purpose=_PURPOSE).at


def _retire(desk: PrivacyDesk, customer: str, former: Collection[str], tally: _Tally) -> None:
    """Destroys former keys that nothing stored needs any more."""
    tally.values += _seal_anew(desk, customer, former)
    left = [sealed.key_id for _, sealed in _sealed_with(desk.sealed, customer, former)]
    tally.unreadable += len(left)
    tally.customers += bool(desk.keys.retire(customer, set(former) - set(left)))


def _seal_anew(desk: PrivacyDesk, customer: str, former: Collection[str]) -> int:
    """How many values; those that changed or went meanwhile are not among them.

    Raises KeyUnavailable for a customer erased meanwhile: the rows go, or have gone, with the key.
    """
    count, changes = 0, list[tuple[SealedValue, bytes]]()
    key = desk.keys.find(customer)
    for value, sealed in _sealed_with(desk.sealed, customer, former):
        with suppress(SealBroken):
            text = unseal(sealed, desk.keys, customer=customer, context=value.place)
            changes.append((value, seal(text, key, context=value.place).to_bytes()))
        if len(changes) == _BATCH:
            count += desk.sealed.replace(changes)
            changes.clear()
    return count + desk.sealed.replace(changes)


def _sealed_with(
    values: SealedValues, customer: str, former: Collection[str]
) -> Iterator[tuple[SealedValue, Sealed]]:
    for value in values.of(customer):
        try:
            sealed = Sealed.from_bytes(value.sealed)
        except SealBroken:
            # What has no format was sealed by no key of ours.
            continue
        if sealed.key_id in former:
            yield value, sealed


@dataclass(frozen=True)
class _Patience:
    clock: Clock
    grace: timedelta
    progress: Progress
    pause: Callable[[float], None]

    def wait(self, renewed_at: datetime) -> None:
        """Until whoever asked for the former key has stored what it sealed."""
        until = renewed_at + self.grace
        total = (until - self.clock.now()).total_seconds()
        while (left := (until - self.clock.now()).total_seconds()) > 0:
            self.progress(WAITING, math.ceil(total - left), math.ceil(total))
            self.pause(min(left, 1.0))
