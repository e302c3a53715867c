"""The rules all key rings share: what a customer's record holds and how its key is wrapped."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.cipher import KEY_BYTES, decrypt, encrypt, fresh_nonce
from privacy.errors import KeyDestroyed, KeyUnknown, SealBroken
from privacy.keyring import DataKey, KeyHistory, KeyRingStatus, MasterStatus


@dataclass(frozen=True)
class MasterKey:
    id: str
    secret: bytes = field(repr=False)
    created_at: datetime


@dataclass(frozen=True)
class Masters:
    """The current master is the last; the others only open keys not wrapped anew yet."""

    keys: tuple[MasterKey, ...]
    root: bytes = field(repr=False)
    """Names records and derives other secrets; unlike the masters it never changes."""

    @property
    def current(self) -> MasterKey:
        return self.keys[-1]

    def get(self, master_id: str) -> MasterKey | None:
        return next((master for master in self.keys if master.id == master_id), None)

    def with_new(self, now: datetime) -> Masters:
        return replace(self, keys=(*self.keys, _new_master(now)))

    def without(self, ids: set[str]) -> Masters:
        return replace(self, keys=tuple(key for key in self.keys if key.id not in ids))


@dataclass(frozen=True)
class WrappedKey:
    key_id: str
    master_id: str
    nonce: bytes
    ciphertext: bytes
    created_at: datetime


@dataclass(frozen=True)
class KeyRecord:
    """One customer: a key, the ids of destroyed ones, or both after a return."""

    key: WrappedKey | None = None
    destroyed: tuple[str, ...] = ()
    former: tuple[WrappedKey, ...] = ()
    """They only open, until what they sealed is sealed anew. None without a key in use."""

    @property
    def keys(self) -> tuple[WrappedKey, ...]:
        return self.former if self.key is None else (self.key, *self.former)

    def opens_with(self, masters: Masters) -> bool:
        """No master is missing."""
        return all(masters.get(key.master_id) is not None for key in self.keys)


def new_masters(now: datetime) -> Masters:
    return Masters((_new_master(now),), secrets.token_bytes(KEY_BYTES))


def _new_master(now: datetime) -> MasterKey:
    return MasterKey(uuid4().hex, secrets.token_bytes(KEY_BYTES), now)


def customer_tag(masters: Masters, customer: str) -> str:
    """The record's name: without the key ring's root nobody can tell whose it is."""
    return hmac.new(
        derive_secret(masters, "customer tag"), customer.encode(), hashlib.sha256
    ).hexdigest()


def derive_secret(masters: Masters, purpose: str) -> bytes:
    """HKDF (RFC 5869) from the root."""
    info = b"kefu key ring 1: " + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(masters.root)


def _binding(tag: str, key_id: str, master_id: str) -> bytes:
    # Hexadecimal parts without a slash: two different triples never read alike.
    return f"kefu data key 1/{tag}/{key_id}/{master_id}".encode()


def _wrap(key: DataKey, master: MasterKey, tag: str, *, created_at: datetime) -> WrappedKey:
    nonce, binding = fresh_nonce(), _binding(tag, key.id, master.id)
    ciphertext = encrypt(master.secret, key.secret, nonce=nonce, binding=binding)
    return WrappedKey(key.id, master.id, nonce, ciphertext, created_at)


def _unwrap(wrapped: WrappedKey, masters: Masters, tag: str) -> DataKey:
    master = masters.get(wrapped.master_id)
    if master is None:
        raise SealBroken("its master key is missing from the key ring")
    binding = _binding(tag, wrapped.key_id, master.id)
    try:
        secret = decrypt(master.secret, wrapped.ciphertext, nonce=wrapped.nonce, binding=binding)
    except InvalidTag:
        raise SealBroken("its key was altered or belongs to somebody else") from None
    return DataKey(wrapped.key_id, secret)


def with_fresh_key(record: KeyRecord, masters: Masters, tag: str, *, now: datetime) -> KeyRecord:
    key = DataKey(uuid4().hex, secrets.token_bytes(KEY_BYTES))
    return replace(record, key=_wrap(key, masters.current, tag, created_at=now))


def without_key(record: KeyRecord) -> KeyRecord:
    return KeyRecord(None, (*record.destroyed, *(key.key_id for key in record.keys)))


def renewed(
    record: KeyRecord, masters: Masters, tag: str, *, now: datetime, older_than: datetime
) -> KeyRecord:
    """The record itself where its key is young enough. Raises KeyDestroyed or KeyUnknown."""
    former = _held(record)
    if former.created_at >= older_than:
        return record
    return replace(with_fresh_key(record, masters, tag, now=now), former=(former, *record.former))


def retired(record: KeyRecord, key_ids: Collection[str]) -> KeyRecord:
    kept = tuple(key for key in record.former if key.key_id not in key_ids)
    gone = tuple(key.key_id for key in record.former if key.key_id in key_ids)
    return replace(record, former=kept, destroyed=(*record.destroyed, *gone))


def history_of(record: KeyRecord) -> KeyHistory:
    key = _held(record)
    return KeyHistory(key.key_id, key.created_at, tuple(one.key_id for one in record.former))


def _held(record: KeyRecord) -> WrappedKey:
    if record.key is None:
        raise KeyDestroyed if record.destroyed else KeyUnknown
    return record.key


def wrapped_anew(record: KeyRecord, masters: Masters, tag: str) -> KeyRecord:
    """Under the current master; the record itself where nothing is to be done."""
    if all(key.master_id == masters.current.id for key in record.keys):
        return record
    key, *former = (_wrapped_anew(key, masters, tag) for key in record.keys)
    return replace(record, key=key, former=tuple(former))


def _wrapped_anew(wrapped: WrappedKey, masters: Masters, tag: str) -> WrappedKey:
    key = _unwrap(wrapped, masters, tag)
    return _wrap(key, masters.current, tag, created_at=wrapped.created_at)


def open_record(
    record: KeyRecord, masters: Masters, tag: str, *, key_id: str | None = None
) -> DataKey:
    """Raises KeyDestroyed, KeyUnknown, or SealBroken where the wrapping does not verify."""
    if key_id is None:
        return _unwrap(_held(record), masters, tag)
    wrapped = next((key for key in record.keys if key.key_id == key_id), None)
    if wrapped is None:
        raise KeyDestroyed if key_id in record.destroyed else KeyUnknown
    return _unwrap(wrapped, masters, tag)


def status_of(records: Mapping[str, KeyRecord], masters: Masters) -> KeyRingStatus:
    in_use = [record.key for record in records.values() if record.key is not None]
    wrapped = [key for record in records.values() for key in record.keys]
    return KeyRingStatus(
        keys=len(in_use),
        destroyed=sum(len(record.destroyed) for record in records.values()),
        masters=tuple(
            MasterStatus(
                id=master.id,
                created_at=master.created_at,
                keys=sum(key.master_id == master.id for key in wrapped),
                current=master is masters.current,
            )
            for master in masters.keys
        ),
        oldest_key_at=min((key.created_at for key in wrapped), default=None),
        former=len(wrapped) - len(in_use),
    )
