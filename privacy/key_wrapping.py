"""The rules all key rings share: what a customer's record holds and how its key is wrapped."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.errors import KeyDestroyed, KeyUnknown, SealBroken
from privacy.keyring import DataKey, KeyRingStatus, MasterStatus

KEY_BYTES = 32
NONCE_BYTES = 12
"""96 random bits: NIST SP 800-38D allows 2**32 values under one key."""


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
    nonce = secrets.token_bytes(NONCE_BYTES)
    ciphertext = AESGCM(master.secret).encrypt(nonce, key.secret, _binding(tag, key.id, master.id))
    return WrappedKey(key.id, master.id, nonce, ciphertext, created_at)


def _unwrap(wrapped: WrappedKey, master: MasterKey, tag: str) -> DataKey:
    binding = _binding(tag, wrapped.key_id, master.id)
    try:
        secret = AESGCM(master.secret).decrypt(wrapped.nonce, wrapped.ciphertext, binding)
    except InvalidTag:
        raise SealBroken("its key was altered or belongs to somebody else") from None
    return DataKey(wrapped.key_id, secret)


def with_fresh_key(record: KeyRecord, masters: Masters, tag: str, *, now: datetime) -> KeyRecord:
    key = DataKey(uuid4().hex, secrets.token_bytes(KEY_BYTES))
    return replace(record, key=_wrap(key, masters.current, tag, created_at=now))


def without_key(record: KeyRecord) -> KeyRecord:
    gone = () if record.key is None else (record.key.key_id,)
    return KeyRecord(None, (*record.destroyed, *gone))


def wrapped_anew(record: KeyRecord, masters: Masters, tag: str) -> KeyRecord:
    """Under the current master; the record itself where nothing is to be done."""
    if record.key is None or record.key.master_id == masters.current.id:
        return record
    key = open_record(record, masters, tag)
    return replace(record, key=_wrap(key, masters.current, tag, created_at=record.key.created_at))


def open_record(
    record: KeyRecord, masters: Masters, tag: str, *, key_id: str | None = None
) -> DataKey:
    """Raises KeyDestroyed, KeyUnknown, or SealBroken where the wrapping does not verify."""
    wrapped = record.key
    if wrapped is None or (key_id is not None and wrapped.key_id != key_id):
        if record.destroyed and (key_id is None or key_id in record.destroyed):
            raise KeyDestroyed
        raise KeyUnknown
    master = masters.get(wrapped.master_id)
    if master is None:
        raise SealBroken("its master key is missing from the key ring")
    return _unwrap(wrapped, master, tag)


def status_of(records: Mapping[str, KeyRecord], masters: Masters) -> KeyRingStatus:
    keys = [record.key for record in records.values() if record.key is not None]
    return KeyRingStatus(
        keys=len(keys),
        destroyed=sum(len(record.destroyed) for record in records.values()),
        masters=tuple(
            MasterStatus(
                id=master.id,
                created_at=master.created_at,
                keys=sum(key.master_id == master.id for key in keys),
                current=master is masters.current,
            )
            for master in masters.keys
        ),
        oldest_key_at=min((key.created_at for key in keys), default=None),
    )
