"""AES-256-GCM (NIST SP 800-38D): the one cipher of values, data keys and masters."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
"""96 random bits: NIST SP 800-38D allows 2**32 values under one key."""
TAG_BYTES = 16


def fresh_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def encrypt(secret: bytes, content: bytes, *, nonce: bytes, binding: bytes) -> bytes:
    """The ciphertext with its 16-byte tag behind it; `binding` is vouched for, not hidden."""
    return AESGCM(secret).encrypt(nonce, content, binding)


def decrypt(secret: bytes, ciphertext: bytes, *, nonce: bytes, binding: bytes) -> bytes:
    """Raises cryptography's InvalidTag where a bit of anything differs."""
    return AESGCM(secret).decrypt(nonce, ciphertext, binding)
