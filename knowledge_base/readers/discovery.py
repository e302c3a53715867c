"""Which files a path stands for: itself, what is below a folder, what is in an archive."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.errors import DocumentInvalid, FormatUnknown, SourceError, SourceUnreadable
from knowledge_base.readers import confined
from knowledge_base.readers.limits import FILE_BYTES, TABLE_BYTES
from knowledge_base.readers.source import Source

ARCHIVE = ".zip"
TABLES = (".csv", ".jsonl")
FORMATS = (*TABLES, ".md", ".markdown", ".txt", *confined.FORMATS, ARCHIVE)

# Knowledge all the same: passing it over without a word would lose it.
_ADVICE = {
    ".doc": "save it as .docx",
    ".docm": "it may hold macros; save it as .docx",
    ".dotx": "save it as .docx",
    ".rtf": "save it as .docx",
    ".odt": "save it as .docx",
    ".wps": "save it as .docx",
    ".pages": "save it as .docx",
    ".xls": "save it as .xlsx",
    ".xlsm": "it may hold macros; save it as .xlsx",
    ".xlsb": "save it as .xlsx",
    ".ods": "save it as .xlsx",
    ".et": "save it as .xlsx",
    ".numbers": "save it as .xlsx",
    ".ppt": "save it as .pdf",
    ".pptx": "save it as .pdf",
    ".epub": "save it as .pdf",
    ".mhtml": "save the page as .html",
    ".tar": "pack it as .zip",
    ".gz": "pack it as .zip",
    ".tgz": "pack it as .zip",
    ".7z": "pack it as .zip",
    ".rar": "pack it as .zip",
}


@dataclass(frozen=True)
class Found:
    path: Path
    name: str
    """As in Source."""
    load: Callable[[], bytes]
    """Raises SourceError."""
    url: str = ""

    def source(self) -> Source:
        return Source(self.path, self.name, self.load(), self.url)


def is_readable(name: str) -> bool:
    return Path(name).suffix.lower() in FORMATS


def most_bytes(path: Path) -> int:
    return TABLE_BYTES if path.suffix.lower() in TABLES else FILE_BYTES


def refusal(path: Path) -> SourceError | None:
    """For a format that is not read but holds knowledge."""
    suffix = path.suffix.lower()
    if advice := _ADVICE.get(suffix):
        return DocumentInvalid(path, 0, f"{suffix} files are not read; {advice}")
    return None


def find(path: Path) -> Iterator[Found | SourceError]:
    """In order. Hidden files, and in a folder those of other formats, are passed over."""
    if not os.path.lexists(path):
        yield SourceUnreadable(path, "there is no such file or folder")
    elif path.is_dir():
        yield from _below(path)
    elif is_readable(path.name):
        yield Found(path, path.name, lambda: _load(path))
    else:
        yield refusal(path) or FormatUnknown(path, FORMATS)


def _below(folder: Path) -> Iterator[Found | SourceError]:
    inside = folder.resolve()
    for file in sorted(_files(folder)):
        if not is_readable(file.name) and not is_sitemap(file.name):
            if unread := refusal(file):
                yield unread
        elif not file.resolve().is_relative_to(inside):
            yield DocumentInvalid(file, 0, "is a link that leads out of the folder; copy the file")
        else:
            name = file.relative_to(folder).as_posix()
            yield Found(file, name, lambda file=file: _load(file))  # type: ignore[misc]


def is_sitemap(name: str) -> bool:
    written = name.rpartition("/")[2].lower()
    return written.startswith("sitemap") and written.endswith(".xml")


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _load(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceUnreadable(path, "it is not a file")
        if status.st_size > most_bytes(path):
            limit = most_bytes(path) // 2**20
            raise DocumentInvalid(path, 0, f"is larger than {limit:,} MiB; split it")
        return path.read_bytes()
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or "unreadable") from None
