"""`masters.json`: the masters as they are, or sealed by a secret that a keeper elsewhere wraps."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag

from privacy.cipher import KEY_BYTES, decrypt, encrypt, fresh_nonce
from privacy.errors import MasterKeyUnavailable
from privacy.key_files import (
    damage,
    decode_bytes,
    decode_fields,
    decode_masters,
    encode_bytes,
    encode_fields,
    encode_masters,
    overwrite_private,
    read_private,
    read_whole,
    write_private,
)
from privacy.key_wrapping import Masters
from privacy.master_source import MasterKeySource, WrappedSecret, check_value

_BINDING = b"kefu masters 1"


@dataclass(frozen=True)
class _Envelope:
    """What stands in the file instead of the masters."""

    keeper: str
    wrapped: WrappedSecret
    check: str
    """Check value of the secret that `wrapped` hides."""
    nonce: bytes
    sealed: bytes = field(repr=False)


class MasterFile:
    def __init__(self, path: Path, keepers: Sequence[MasterKeySource]) -> None:
        """The last of `keepers` wraps, all of them unwrap; without any the masters lie open."""
        self.path = path
        self._keepers = tuple(keepers)
        # As long as the file stays as it is, no key service is asked again.
        self._opened: tuple[bytes, Masters] | None = None

    def exists(self) -> bool:
        return read_private(self.path) is not None

    def read(self) -> Masters | None:
        """None where there is no file. Raises KeyRingInvalid, MasterKeyUnavailable."""
        return read_whole(self.path, self._decode)

    def write(self, masters: Masters) -> None:
        write_private(self.path, self._encode(masters))

    def overwrite(self, masters: Masters) -> None:
        """And blank what stood there."""
        overwrite_private(self.path, self._encode(masters))

    def kept_by(self) -> str | None:
        """Who must be asked, and for which key; None where the masters lie open."""
        content = read_private(self.path)
        envelope = None if content is None else _envelope(self.path, content)
        return None if envelope is None else f"{envelope.keeper} ({envelope.wrapped.key_id})"

    def close_up(self) -> None:
        """What lay open before a keeper was named lies open no longer."""
        if self._keepers and self.kept_by() is None:
            masters = self.read()
            if masters is not None:
                self.overwrite(masters)

    def _encode(self, masters: Masters) -> bytes:
        content = encode_masters(masters)
        if self._keepers:
            content = self._seal(content)
        self._opened = (content, masters)
        return content

    def _seal(self, content: bytes) -> bytes:
        keeper, secret, nonce = self._keepers[-1], secrets.token_bytes(KEY_BYTES), fresh_nonce()
        wrapped, check = keeper.wrap(secret), check_value(secret)
        if keeper.unwrap(wrapped) != secret:
            raise MasterKeyUnavailable(
                keeper.name,
                "it does not unwrap what it has just wrapped",
                remedy="Nothing was changed; repair the key service first.",
            )
        return encode_fields(
            {
                "kept_by": keeper.name,
                "key": wrapped.key_id,
                "wrapped": encode_bytes(wrapped.data),
                "check": check,
                "nonce": encode_bytes(nonce),
                "sealed": encode_bytes(encrypt(secret, content, nonce=nonce, binding=_BINDING)),
            }
        )

    def _decode(self, path: Path, content: bytes) -> Masters:
        opened = self._opened
        if opened is None or opened[0] != content:
            self._opened = opened = (content, self._open(path, content))
        return opened[1]

    def _open(self, path: Path, content: bytes) -> Masters:
        envelope = _envelope(path, content)
        if envelope is None:
            return decode_masters(path, content)
        secret = self._secret(envelope)
        with damage(path):
            try:
                opened = decrypt(secret, envelope.sealed, nonce=envelope.nonce, binding=_BINDING)
            except InvalidTag:
                raise ValueError from None
        return decode_masters(path, opened)

    def _secret(self, envelope: _Envelope) -> bytes:
        keeper = next((one for one in self._keepers if one.name == envelope.keeper), None)
        if keeper is None:
            raise MasterKeyUnavailable(
                envelope.keeper,
                "it is not set, and without it no customer's data can be read",
                remedy="Set it to what it was when the keys were made.",
            )
        secret = keeper.unwrap(envelope.wrapped)
        if check_value(secret) != envelope.check:
            raise MasterKeyUnavailable(
                keeper.name,
                f"it answers with another key than the one with the check value {envelope.check}",
                remedy="Give the key that the key folder was sealed with.",
            )
        return secret


def _envelope(path: Path, content: bytes) -> _Envelope | None:
    with damage(path):
        fields: dict[str, Any] = decode_fields(content)
        if "kept_by" not in fields:
            return None
        return _Envelope(
            keeper=fields["kept_by"],
            wrapped=WrappedSecret(fields["key"], decode_bytes(fields["wrapped"])),
            check=fields["check"],
            nonce=decode_bytes(fields["nonce"]),
            sealed=decode_bytes(fields["sealed"]),
        )
