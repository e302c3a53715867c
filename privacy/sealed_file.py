"""Sealed files: of any size, readable in their own place only, written and read in one pass.

A file is cut into chunks, each under AES-256-GCM with a data key that this file alone has. A chunk
vouches for the header, for its own number and for being the last or not (the construction is
STREAM's, Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015): a file that was cut short,
lengthened or put together anew does not open.

The data key stands in the header, wrapped, for this place alone, by a secret that the key ring
derives. No rotation of
the master changes that secret, and no erasure can reach it, so neither costs a model; for the same
reason a rotation does not help against somebody who has copied the key ring.

    header   format (4 bytes), key id (16), nonce (12), wrapped data key (48)
    chunks   1 MiB of content each, the last one shorter or as long, and 16 bytes of tag
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from privacy.cipher import KEY_BYTES, NONCE_BYTES, TAG_BYTES, decrypt, encrypt, fresh_nonce
from privacy.errors import SealedFileBroken, SealedWithAnotherKey
from privacy.keyring import KeyRing

FORMAT = b"KSF1"
CHUNK_BYTES = 1 << 20
_ID_BYTES = 16
_NAMED_BYTES = len(FORMAT) + _ID_BYTES
HEADER_BYTES = _NAMED_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES

Progress = Callable[[int], None]
"""Called with the bytes of content done since the last call."""


@dataclass(frozen=True)
class FileKey:
    """What wraps the data keys of all files of an installation."""

    id: bytes
    secret: bytes = field(repr=False)


def file_key(keys: KeyRing) -> FileKey:
    # The id is derived apart: it tells key rings from each other and nothing of the secret.
    return FileKey(keys.secret_for("sealed file id")[:_ID_BYTES], keys.secret_for("sealed files"))


def seal_file(
    content: BinaryIO,
    sealed: BinaryIO,
    key: FileKey,
    *,
    place: str,
    progress: Progress = lambda done: None,
) -> None:
    """`place` is where the file lies, its name included; it opens there and nowhere else."""
    secret, nonce = secrets.token_bytes(KEY_BYTES), fresh_nonce()
    named = FORMAT + key.id
    binding = _binding(named, place)
    header = named + nonce + encrypt(key.secret, secret, nonce=nonce, binding=binding)
    sealed.write(header)
    number, chunk, more = 0, content.read(CHUNK_BYTES), b""
    while True:
        # Whether a chunk is the last one is known once nothing follows it.
        more = content.read(CHUNK_BYTES) if len(chunk) == CHUNK_BYTES else b""
        about = _chunk_binding(header, number, last=not more)
        sealed.write(encrypt(secret, chunk, nonce=_chunk_nonce(number), binding=about))
        progress(len(chunk))
        if not more:
            return
        number, chunk = number + 1, more


def open_file(
    sealed: BinaryIO,
    content: BinaryIO,
    key: FileKey,
    *,
    place: str,
    progress: Progress = lambda done: None,
) -> None:
    """Raises SealedFileBroken, or SealedWithAnotherKey.

    Each chunk is verified before it is written, the whole only at the end: where this raises,
    `content` must be thrown away.
    """
    header = sealed.read(HEADER_BYTES)
    secret = _data_key(header, key, place)
    number, chunk = 0, sealed.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        more = sealed.read(CHUNK_BYTES + TAG_BYTES)
        about = _chunk_binding(header, number, last=not more)
        try:
            part = decrypt(secret, chunk, nonce=_chunk_nonce(number), binding=about)
        except InvalidTag:
            raise SealedFileBroken(
                place, "it was altered, cut short or put together anew"
            ) from None
        content.write(part)
        progress(len(part))
        if not more:
            return
        number, chunk = number + 1, more


def _data_key(header: bytes, key: FileKey, place: str) -> bytes:
    if header[: len(FORMAT)] != FORMAT:
        raise SealedFileBroken(place, "it has an unknown format")
    if len(header) < HEADER_BYTES:
        raise SealedFileBroken(place, "it is cut short")
    named, nonce = header[:_NAMED_BYTES], header[_NAMED_BYTES : _NAMED_BYTES + NONCE_BYTES]
    if named != FORMAT + key.id:
        raise SealedWithAnotherKey(place)
    wrapped = header[_NAMED_BYTES + NONCE_BYTES :]
    try:
        return decrypt(key.secret, wrapped, nonce=nonce, binding=_binding(named, place))
    except InvalidTag:
        raise SealedFileBroken(place, "it was altered, or moved from another place") from None


def _binding(start: bytes, place: str) -> bytes:
    return b"kefu file/" + start + place.encode("utf-8", "surrogateescape")


def _chunk_binding(header: bytes, number: int, *, last: bool) -> bytes:
    # The place is bound through the header: its data key opens there alone.
    return b"kefu chunk/" + header + number.to_bytes(8, "big") + bytes([last])


def _chunk_nonce(number: int) -> bytes:
    # The data key seals this file once and nothing else, so that a count never repeats.
    return number.to_bytes(NONCE_BYTES, "big")
