"""A key service that ends with the process: for tests and trials."""

from __future__ import annotations

import secrets

from privacy.cipher import KEY_BYTES
from privacy.master_given import GivenMasterKeys
from privacy.master_source import WrappedSecret


class MemoryMasterKey:
    """Like a KMS it keeps the key to itself; what it wrapped is lost with the process."""

    def __init__(self, *, name: str = "The key service in memory") -> None:
        self.name = name
        self._keys = [secrets.token_bytes(KEY_BYTES)]

    def rotate(self) -> None:
        """A new newest key; the former ones go on unwrapping."""
        self._keys.append(secrets.token_bytes(KEY_BYTES))

    def wrap(self, secret: bytes) -> WrappedSecret:
        return GivenMasterKeys(self._keys, name=self.name).wrap(secret)

    def unwrap(self, wrapped: WrappedSecret) -> bytes:
        return GivenMasterKeys(self._keys, name=self.name).unwrap(wrapped)
