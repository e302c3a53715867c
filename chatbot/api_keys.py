"""Keys of other programs that speak for customers: issued, recognised, revoked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from chatbot.errors import ApiKeyInvalid
from chatbot.ports import Clock

KEY_BYTES = 32
BEGINNING = "kefu-"
"""So that a scanner for leaked secrets can know one."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class ApiKey:
    id: str
    name: str
    collection: str | None
    """The only one that it may ask; None for all."""
    created_at: datetime
    revoked_at: datetime | None = None

    def may_ask(self, collection: str) -> bool:
        return self.collection in (None, collection)


@dataclass(frozen=True)
class Caller:
    """Whoever came with a key. What is derived from the secret can be found again with the same
    key only: there is nothing to store, and nothing in the database tells it."""

    key: ApiKey
    secret: str = field(repr=False)

    def token_of(self, conversation_id: str) -> str:
        """The Bearer token of a conversation that this key opened."""
        return self._derived("conversation", conversation_id)

    def message_id(self, *said: str) -> str:
        """A fingerprint of what was said, 64 characters: keyed, for it is stored in the clear and
        a telephone number's plain hash would be guessed."""
        return self._derived("message", *said)

    def _derived(self, *parts: str) -> str:
        # Lengths keep ("ab", "c") and ("a", "bc") apart.
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class ApiKeyStore(Protocol):
    def add(self, key: ApiKey, fingerprint: str) -> None:
        """Raises ApiKeyInvalid where a key has this name already, also a revoked one."""
        ...

    def all(self) -> list[ApiKey]:
        """In the order of their names, revoked ones too."""
        ...

    def find(self, fingerprint: str) -> ApiKey | None: ...

    def revoke(self, name: str, *, at: datetime) -> bool:
        """False where no key has this name; one that was revoked keeps its moment."""
        ...


def issue_key(
    store: ApiKeyStore, clock: Clock, *, name: str, collection: str | None = None
) -> Caller:
    """The secret is shown once; only its SHA-256 is kept. Raises ApiKeyInvalid."""
    if not _NAME.fullmatch(name):
        raise ApiKeyInvalid(
            f"{name!r} cannot name a key: use up to 64 small letters, digits, dots, - and _."
        )
    secret = BEGINNING + secrets.token_urlsafe(KEY_BYTES)
    key = ApiKey(str(uuid4()), name, collection, clock.now())
    store.add(key, _fingerprint(secret))
    return Caller(key, secret)


def recognise(store: ApiKeyStore, secret: str) -> Caller | None:
    """None for a key that was never issued, and for one that was revoked."""
    # 256 random bits cannot be guessed, so that a quick hash does and a look-up gives nothing away.
    key = store.find(_fingerprint(secret))
    return Caller(key, secret) if key is not None and key.revoked_at is None else None


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
