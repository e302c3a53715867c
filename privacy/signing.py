"""Statements signed so that a reader elsewhere can tell whether they are still what was written.

Ed25519 (RFC 8032) over a canonical form of the statement. A signature shows that the holder of the
key wrote it; it does not show when, nor that nothing else was ever signed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from privacy.errors import SignatureBroken, SignatureMissing
from privacy.keyring import KeyRing

PUBLIC_KEY, SIGNATURE = "public_key", "signature"
# The name is older than other uses: another one would make another key of every installation.
_SECRET = "audit signature"

Json = dict[str, Any]


def signing_key(keys: KeyRing) -> Ed25519PrivateKey:
    """Of the key ring's own secrets, so that it is backed up with them and nowhere else."""
    return Ed25519PrivateKey.from_private_bytes(keys.secret_for(_SECRET))


def public_pem(key: Ed25519PublicKey) -> bytes:
    """To be handed over by another way than what it verifies."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Raises SignatureMissing."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SignatureMissing("the file holds no Ed25519 public key in PEM form")
    return key


def sign(statement: Mapping[str, Any], key: Ed25519PrivateKey, *, purpose: str) -> Json:
    """`public_key` and `signature`, both in base64.

    `purpose` is signed along: what was signed as a report never passes for a certificate.
    """
    return {
        PUBLIC_KEY: _text(_raw(key.public_key())),
        SIGNATURE: _text(key.sign(_message(statement, purpose))),
    }


def check(
    statement: Mapping[str, Any],
    signed: Mapping[str, Any],
    public_key: Ed25519PublicKey,
    *,
    purpose: str,
) -> None:
    """`signed` holds what `sign` gave. Raises SignatureMissing or SignatureBroken.

    `public_key` must come from somewhere else than `signed`: who can forge a statement can also
    put another key beside it.
    """
    try:
        named, written = signed[PUBLIC_KEY], signed[SIGNATURE]
        signature = base64.b64decode(written)
    except (ValueError, KeyError, TypeError):
        raise SignatureMissing("it carries no signature") from None
    if named != _text(_raw(public_key)):
        raise SignatureBroken("another key than this one signed it")
    # Base64 can be written in several ways that decode alike: only one of them was issued.
    if written != _text(signature):
        raise SignatureBroken("the signature does not fit")
    try:
        public_key.verify(signature, _message(statement, purpose))
    except InvalidSignature:
        raise SignatureBroken("the signature does not fit") from None


def _message(statement: Mapping[str, Any], purpose: str) -> bytes:
    canonical = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"{purpose}\n{canonical}".encode()


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
