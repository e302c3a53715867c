"""What is in a ZIP file, before and while anything is unpacked. Nothing is written to disk."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from knowledge_base.readers.limits import RATIO, RATIO_FROM_BYTES
from knowledge_base.readers.source import Source

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others take memory that the archive itself chooses."""
_ENCRYPTED = 0x1


def open_zip(source: Source, *, most_files: int) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise source.refusal("is a broken archive; save it again") from None
    if len(archive.infolist()) > most_files:
        raise source.refusal(f"holds more than {most_files:,} files; split it")
    return archive


def flaw(member: zipfile.ZipInfo) -> str:
    """Why the member must not be read; empty where it may."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in str(path)[:2]:
        return "has a name that leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted; pack it without a password"
    if member.compress_type not in _METHODS:
        return "is packed in an unusual way; pack it with the usual method, deflate"
    if member.file_size > RATIO_FROM_BYTES and member.file_size > RATIO * max(
        1, member.compress_size
    ):
        return f"grows more than {RATIO} times when it is unpacked"
    return ""


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, most_bytes: int) -> bytes:
    """Raises ValueError with the reason."""
    if reason := flaw(member):
        raise ValueError(reason)
    try:
        with archive.open(member) as stream:
            data = stream.read(most_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise ValueError("is damaged; pack it again") from None
    if len(data) > most_bytes:
        raise ValueError(f"is larger than {most_bytes // 2**20} MiB")
    return data
