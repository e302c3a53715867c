"""Secret files: readable by their owner alone, replaced whole or not at all, written to disk."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from privacy.cipher import KEY_BYTES
from privacy.errors import KeyRingInvalid
from privacy.key_wrapping import KeyRecord, MasterKey, Masters, WrappedKey

_Decoded = TypeVar("_Decoded")

FOLDER_MODE = 0o700
FILE_MODE = 0o600
FORMAT = 1


def private_folder(path: Path) -> None:
    """Make the folder if needed; raises KeyRingInvalid if others can look into it."""
    if not path.is_dir():
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _sync_folder(path.parent)
    _check_private(path, path.lstat(), wanted=FOLDER_MODE)


def _check_private(path: Path, status: os.stat_result, *, wanted: int) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid != os.geteuid():
        raise KeyRingInvalid(
            path, "it belongs to another user", remedy="Run Kefu as its owner, or change the owner."
        )
    if mode & ~wanted:
        raise KeyRingInvalid(
            path,
            f"its permissions are {mode:04o}, so other users may read keys",
            remedy=f"Run: chmod {wanted:o} {path}",
        )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Exclusive between processes and between threads; the system frees it when a holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_private(path: Path) -> bytes | None:
    """None where there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        _check_private(path, os.fstat(file.fileno()), wanted=FILE_MODE)
        return file.read()


def read_whole(path: Path, decode: Callable[[Path, bytes], _Decoded]) -> _Decoded | None:
    """None where there is no such file; `decode` raises KeyRingInvalid where it is damaged."""
    content = read_private(path)
    if content is None:
        return None
    try:
        return decode(path, content)
    except KeyRingInvalid:
        # Replaced and blanked while it was being read: the path leads to the new file by now.
        again = read_private(path)
        if again is None or again == content:
            raise
        return decode(path, again)


def _unfinished(path: Path) -> Path:
    # Always the same name: what a crash leaves behind is overwritten or removed with the file.
    return path.with_name(path.name + ".new")


def write_private(path: Path, content: bytes) -> None:
    """Only under the lock: two writers would share the unfinished file."""
    unfinished = _unfinished(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(unfinished, flags, FILE_MODE), "wb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _sync_folder(path.parent)


def overwrite_private(path: Path, content: bytes) -> None:
    """Replace a file and blank what stood in it.

    Blanking is best effort: a disk that writes elsewhere keeps the old block until it is reused.
    That block holds a wrapped key, which a rotation of the master makes worthless.
    """
    with path.open("r+b") as former:
        length = os.fstat(former.fileno()).st_size
        write_private(path, content)
        former.write(bytes(length))
        former.flush()
        os.fsync(former.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def encode_masters(masters: Masters) -> bytes:
    return encode_fields(
        {
            "root": encode_bytes(masters.root),
            "masters": [
                {
                    "id": master.id,
                    "secret": encode_bytes(master.secret),
                    "created_at": master.created_at.isoformat(),
                }
                for master in masters.keys
            ],
        }
    )


def decode_masters(path: Path, content: bytes) -> Masters:
    with damage(path):
        data = decode_fields(content)
        keys = tuple(
            MasterKey(row["id"], _secret(row["secret"]), datetime.fromisoformat(row["created_at"]))
            for row in data["masters"]
        )
        if not keys:
            raise ValueError
        return Masters(keys, _secret(data["root"]))


def encode_record(record: KeyRecord) -> bytes:
    fields: dict[str, Any] = {
        "key": None if record.key is None else _key_fields(record.key),
        "destroyed": list(record.destroyed),
    }
    if record.former:
        fields["former"] = [_key_fields(key) for key in record.former]
    return encode_fields(fields)


def _key_fields(key: WrappedKey) -> dict[str, str]:
    return {
        "id": key.key_id,
        "master": key.master_id,
        "nonce": encode_bytes(key.nonce),
        "wrapped": encode_bytes(key.ciphertext),
        "created_at": key.created_at.isoformat(),
    }


def decode_record(path: Path, content: bytes) -> KeyRecord:
    with damage(path):
        data = decode_fields(content)
        fields = data["key"]
        return KeyRecord(
            key=None if fields is None else _wrapped_key(fields),
            destroyed=tuple(data["destroyed"]),
            former=tuple(_wrapped_key(one) for one in data.get("former", ())),
        )


def _wrapped_key(fields: dict[str, str]) -> WrappedKey:
    return WrappedKey(
        key_id=fields["id"],
        master_id=fields["master"],
        nonce=decode_bytes(fields["nonce"]),
        ciphertext=decode_bytes(fields["wrapped"]),
        created_at=datetime.fromisoformat(fields["created_at"]),
    )


@contextmanager
def damage(path: Path) -> Iterator[None]:
    """What content that is not as it should be raises inside becomes KeyRingInvalid."""
    try:
        yield
    except (ValueError, KeyError, TypeError):
        raise KeyRingInvalid(
            path, "the file is damaged", remedy="Restore it from the backup of the keys."
        ) from None


def encode_fields(data: dict[str, Any]) -> bytes:
    return json.dumps({"format": FORMAT, **data}, indent=1).encode()


def decode_fields(content: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(content)
    if data["format"] != FORMAT:
        raise ValueError
    return data


def encode_bytes(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def decode_bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _secret(text: str) -> bytes:
    secret = decode_bytes(text)
    if len(secret) != KEY_BYTES:
        raise ValueError
    return secret
