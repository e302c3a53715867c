"""Sealed text: readable with its customer's key only, and only in the place it was sealed for."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from privacy.cipher import NONCE_BYTES, TAG_BYTES, decrypt, encrypt, fresh_nonce
from privacy.errors import SealBroken
from privacy.keyring import DataKey, KeyRing

VERSION = b"KS1"
_KEY_ID_BYTES = 16
_HEADER_BYTES = len(VERSION) + _KEY_ID_BYTES + NONCE_BYTES


@dataclass(frozen=True)
class Context:
    """Where a value stands; one moved elsewhere does not open."""

    table: str
    row: str
    field: str


@dataclass(frozen=True, repr=False)
class Sealed:
    """AES-256-GCM. Its length tells the length of the text in UTF-8 bytes."""

    key_id: str
    nonce: bytes
    ciphertext: bytes

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def to_bytes(self) -> bytes:
        """Version, key id, nonce, ciphertext with its 16-byte tag."""
        return VERSION + bytes.fromhex(self.key_id) + self.nonce + self.ciphertext

    @staticmethod
    def from_bytes(data: bytes) -> Sealed:
        """Raises SealBroken."""
        if not data.startswith(VERSION):
            raise SealBroken("it has an unknown format")
        if len(data) < _HEADER_BYTES + TAG_BYTES:
            raise SealBroken("it is cut short")
        body = data[len(VERSION) :]
        return Sealed(
            key_id=body[:_KEY_ID_BYTES].hex(),
            nonce=body[_KEY_ID_BYTES : _KEY_ID_BYTES + NONCE_BYTES],
            ciphertext=body[_KEY_ID_BYTES + NONCE_BYTES :],
        )


def seal(plaintext: str, key: DataKey, *, context: Context) -> Sealed:
    nonce = fresh_nonce()
    # A lone surrogate is no reason to lose a customer's message.
    content = plaintext.encode("utf-8", "surrogatepass")
    binding = _binding(key.id, context)
    return Sealed(key.id, nonce, encrypt(key.secret, content, nonce=nonce, binding=binding))


def open_sealed(sealed: Sealed, key: DataKey, *, context: Context) -> str:
    """Raises SealBroken."""
    if sealed.key_id != key.id:
        raise SealBroken("it was sealed with another key")
    binding = _binding(key.id, context)
    try:
        content = decrypt(key.secret, sealed.ciphertext, nonce=sealed.nonce, binding=binding)
    except InvalidTag:
        raise SealBroken("it was altered, or moved from another row or field") from None
    return content.decode("utf-8", "surrogatepass")


def unseal(sealed: Sealed, ring: KeyRing, *, customer: str, context: Context) -> str:
    """Raises KeyDestroyed after an erasure, KeyUnknown, or SealBroken."""
    key = ring.find(customer, key_id=sealed.key_id)
    return open_sealed(sealed, key, context=context)


def _binding(key_id: str, context: Context) -> bytes:
    parts = (key_id, context.table, context.row, context.field)
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    # Each length first: no two contexts run together to the same bytes.
    return VERSION + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
