"""The files in a ZIP archive, each with its own refusal where it has to be refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from knowledge_base.errors import DocumentInvalid, FormatUnknown, SourceError
from knowledge_base.readers.discovery import (
    ARCHIVE,
    FORMATS,
    Found,
    is_readable,
    is_sitemap,
    most_bytes,
    refusal,
)
from knowledge_base.readers.limits import ARCHIVE_FILES, UNPACKED_BYTES
from knowledge_base.readers.source import Source
from knowledge_base.readers.zipped import flaw, open_zip, unpack

_UTF8_NAME = 0x800


def find_in(source: Source) -> list[Found | SourceError]:
    """Like `discovery.find`. Raises DocumentInvalid for what is wrong with the whole archive."""
    archive = open_zip(source, most_files=ARCHIVE_FILES)
    if sum(member.file_size for member in archive.infolist()) > UNPACKED_BYTES:
        raise source.refusal(f"unpacks to more than {UNPACKED_BYTES // 2**20} MiB; split it")
    found = list(_members(source, archive))
    if not found:
        raise FormatUnknown(source.path, FORMATS)
    return found


def _members(source: Source, archive: zipfile.ZipFile) -> Iterator[Found | SourceError]:
    for member in archive.infolist():
        written = _name(member)
        name = PurePosixPath(written)
        if member.is_dir() or not name.parts or _is_hidden(name):
            continue
        path = source.path / "/".join(part for part in name.parts if part not in ("/", ".."))
        if reason := flaw(member):
            yield DocumentInvalid(path, 0, reason)
        elif path.suffix.lower() == ARCHIVE:
            yield DocumentInvalid(path, 0, "is an archive inside an archive; unpack it first")
        elif is_readable(name.name) or is_sitemap(name.name):
            below = PurePosixPath(source.name).with_suffix("") / name
            load = partial(_load, archive, member, path)
            yield Found(path, below.as_posix(), load)
        elif unread := refusal(path):
            yield unread


def _load(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bytes:
    try:
        return unpack(archive, member, most_bytes=most_bytes(path))
    except ValueError as error:
        raise DocumentInvalid(path, 0, str(error)) from None


def _is_hidden(name: PurePosixPath) -> bool:
    return any(part.startswith(".") and part != ".." for part in name.parts) or (
        name.parts[0] == "__MACOSX"
    )


def _name(member: zipfile.ZipInfo) -> str:
    """Names without the mark of UTF-8 are nearly always UTF-8 or GB 18030 all the same."""
    written = member.filename
    if not member.flag_bits & _UTF8_NAME:
        for encoding in ("utf-8", "gb18030"):
            try:
                written = member.filename.encode("cp437").decode(encoding)
                break
            except UnicodeError:
                continue
    return written.replace("\\", "/")
