"""SHA-256 of files, and moving a file into place only when it is whole and the right one."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from chatbot.models.errors import HashMismatch
from chatbot.models.lock import LockedFile

CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_hash(path: Path, expected: str, *, named: str) -> None:
    actual = sha256_of(path)
    if actual != expected:
        raise HashMismatch(named, expected=expected, actual=actual)


def is_intact(path: Path, file: LockedFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size and sha256_of(path) == file.sha256


@contextlib.contextmanager
def arriving(path: Path, file: LockedFile, *, named: str) -> Iterator[BinaryIO]:
    """A stream whose content becomes `path`, if it has the SHA-256 of `file`; else HashMismatch.

    `named` is how the error calls the file: the place that it came from. One writer a path:
    the caller holds the lock of the model.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        check_hash(temporary, file.sha256, named=named)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Make renames inside `path` survive a power cut, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
