"""Master keys that the process was given at its start, as from an environment variable."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag

from privacy.cipher import KEY_BYTES, NONCE_BYTES, decrypt, encrypt, fresh_nonce
from privacy.errors import MasterKeyUnavailable
from privacy.master_source import WrappedSecret, check_value

_MAKE_ONE = "Make one with: openssl rand -base64 32"


class GivenMasterKeys:
    """The newest key is the last; the others only open what it has not wrapped yet.

    Whoever can read the environment of the process has the keys.
    """

    def __init__(self, keys: Sequence[bytes], *, name: str) -> None:
        """Raises MasterKeyUnavailable for no key, or one that is not 32 bytes long."""
        if not keys:
            raise MasterKeyUnavailable(name, "it is empty", remedy=_MAKE_ONE)
        for number, key in enumerate(keys, start=1):
            if len(key) != KEY_BYTES:
                reason = f"key {number} of {len(keys)} has {len(key)} bytes instead of {KEY_BYTES}"
                raise MasterKeyUnavailable(name, reason, remedy=_MAKE_ONE)
        self.name = name
        self._newest = keys[-1]
        self._keys = {check_value(key): key for key in keys}

    @staticmethod
    def parse(text: str, *, name: str) -> GivenMasterKeys:
        """Base64, several keys separated by commas. Raises MasterKeyUnavailable."""
        parts = [part.strip() for part in text.split(",")] if text.strip() else []
        return GivenMasterKeys(
            [_decode(part, number, name=name) for number, part in enumerate(parts, start=1)],
            name=name,
        )

    def wrap(self, secret: bytes) -> WrappedSecret:
        key_id, nonce = check_value(self._newest), fresh_nonce()
        sealed = encrypt(self._newest, secret, nonce=nonce, binding=_binding(key_id))
        return WrappedSecret(key_id, nonce + sealed)

    def unwrap(self, wrapped: WrappedSecret) -> bytes:
        key = self._keys.get(wrapped.key_id)
        if key is None:
            raise MasterKeyUnavailable(
                self.name,
                f"it is another key; the one that is needed has the check value {wrapped.key_id}, "
                f"those given have {', '.join(self._keys)}",
                remedy="Put the former key before the new one, with a comma between them.",
            )
        nonce, sealed = wrapped.data[:NONCE_BYTES], wrapped.data[NONCE_BYTES:]
        try:
            return decrypt(key, sealed, nonce=nonce, binding=_binding(wrapped.key_id))
        except (InvalidTag, ValueError):
            raise MasterKeyUnavailable(
                self.name,
                "what it wrapped was altered",
                remedy="Restore the key folder from its backup.",
            ) from None


def _binding(key_id: str) -> bytes:
    return f"kefu master key 1/{key_id}".encode()


def _decode(text: str, number: int, *, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MasterKeyUnavailable(name, f"key {number} is not base64", remedy=_MAKE_ONE) from None
