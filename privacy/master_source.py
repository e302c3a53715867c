"""Who keeps the key above all keys, where that is not the key folder itself.

Such a keeper wraps one random secret for the folder and unwraps it again. Everything in the folder
is sealed by that secret, so that the folder alone opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Protocol

CHECK_DIGITS = 16


@dataclass(frozen=True)
class WrappedSecret:
    key_id: str
    """Which of the keeper's keys wrapped it; nothing secret."""
    data: bytes = field(repr=False)


class MasterKeySource(Protocol):
    @property
    def name(self) -> str:
        """How an operator finds it, such as `KEFU_MASTER_KEY`; the key folder remembers it."""
        ...

    def wrap(self, secret: bytes) -> WrappedSecret:
        """By the newest key. 32 bytes; raises MasterKeyUnavailable."""
        ...

    def unwrap(self, wrapped: WrappedSecret) -> bytes:
        """By the key that wrapped it, which need not be the newest.

        Raises MasterKeyUnavailable where that key is not there or the secret was altered.
        """
        ...


def check_value(secret: bytes) -> str:
    """Tells keys apart without telling anything about them: 64 bits of an HMAC, hexadecimal."""
    digest = hmac.new(secret, b"kefu key check 1", hashlib.sha256).hexdigest()
    return digest[:CHECK_DIGITS]
