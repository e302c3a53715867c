"""Choices that look random and are always the same for the same key and value."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

_BYTES = 8


class KeyedDraw:
    """A stream of numbers from HMAC-SHA-256 in counter mode (the idea of NIST SP 800-108).

    Without the key nobody can tell which value it began with, nor try values until one fits.
    """

    def __init__(self, secret: bytes, *parts: str) -> None:
        # Lengths first: ("ab", "c") and ("a", "bc") are different things.
        seed = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
        self._key = hmac.digest(secret, seed, hashlib.sha256)
        self._counter = 0

    def below(self, limit: int) -> int:
        """In [0, limit), limit at most 2**32; uneven by less than one in four thousand million."""
        block = hmac.digest(self._key, self._counter.to_bytes(_BYTES, "big"), hashlib.sha256)
        self._counter += 1
        return int.from_bytes(block[:_BYTES], "big") % limit

    def between(self, first: int, last: int) -> int:
        return first + self.below(last - first + 1)

    def choice(self, options: Sequence[str]) -> str:
        return options[self.below(len(options))]

    def text(self, alphabet: Sequence[str], length: int) -> str:
        return "".join(self.choice(alphabet) for _ in range(length))
