"""The bytes of training data: of one file, of a folder, of a ZIP file, never more than fit.

What an archive claims about its sizes is not believed: reading stops at the limit.
"""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from training.readers.faults import Fault
from training.utterance import HAN

MEBIBYTE = 1024 * 1024
LARGEST = 64 * MEBIBYTE
"""Of all files together. The largest public intent corpora have a few MiB."""
MOST_FILES = 5_000
IN_BUNDLES = (".yml", ".yaml", ".md", ".json")
"""What is looked at in a folder or a ZIP file; the rest is passed over unread."""
_ZIP = b"PK\x03\x04"
# All that the library is known to raise about an archive made to break it.
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    RuntimeError,
    EOFError,
    ValueError,
    IndexError,
    OverflowError,
)


@dataclass(frozen=True)
class Source:
    path: Path
    """As a message names it; inside a ZIP file the archive's path goes before."""
    name: str
    """Inside its folder or ZIP file; empty for a file of its own."""
    content: bytes

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    def text(self) -> str:
        """Raises CorpusInvalid with the line where UTF-8 ends."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            # With a byte order mark the position counts from behind it.
            mark = len(self.content) - len(error.object)
            line = self.content[: mark + error.start].count(b"\n") + 1
            guess = _guess(self.content, line)
            raise Fault.NOT_UTF8.at(self.path, line=line, guess=guess) from None


def read_sources(path: Path) -> tuple[Source, ...]:
    """Sorted by name. Raises CorpusInvalid."""
    try:
        if path.is_dir():
            return tuple(_within_limits(path, _in_folder(path)))
        with path.open("rb") as stream:
            content = _bounded(stream, path, LARGEST)
            if content.startswith(_ZIP):
                return _from_zip(path, stream)
    except FileNotFoundError:
        raise Fault.MISSING.at(path) from None
    except OSError as error:
        raise Fault.UNREADABLE.at(path, why=error.strerror or "damaged") from None
    return (Source(path, "", content),)


def _bounded(stream: IO[bytes], path: Path, limit: int) -> bytes:
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise Fault.TOO_LARGE.at(path, mebibytes=LARGEST // MEBIBYTE)
    return content


def _within_limits(path: Path, members: Iterable[tuple[str, Path, IO[bytes]]]) -> Iterator[Source]:
    left = LARGEST
    for count, (name, shown, stream) in enumerate(members, start=1):
        if count > MOST_FILES:
            raise Fault.TOO_MANY_FILES.at(path, most=MOST_FILES)
        content = _bounded(stream, path, left)
        left -= len(content)
        yield Source(shown, name, content)


def _in_folder(folder: Path) -> Iterator[tuple[str, Path, IO[bytes]]]:
    for file in sorted(_files_below(folder)):
        with file.open("rb") as stream:
            yield file.relative_to(folder).as_posix(), file, stream


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(parent, name)
            # A pipe or a device would never end.
            if _wanted(name) and file.is_file():
                yield file


def _from_zip(path: Path, stream: IO[bytes]) -> tuple[Source, ...]:
    try:
        with zipfile.ZipFile(stream) as archive:
            return tuple(_within_limits(path, _in_zip(path, archive)))
    except _BROKEN:
        raise Fault.BROKEN_ZIP.at(path) from None


def _in_zip(path: Path, archive: zipfile.ZipFile) -> Iterator[tuple[str, Path, IO[bytes]]]:
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        name = _printable(entry.filename).lstrip("/")
        if not entry.is_dir() and all(map(_visible, name.split("/"))) and _wanted(name):
            with archive.open(entry) as member:
                yield name, path / name, member


def _wanted(name: str) -> bool:
    return _visible(name) and name.lower().endswith(IN_BUNDLES)


def _visible(name: str) -> bool:
    return not name.startswith((".", "__MACOSX"))


def _printable(name: str) -> str:
    """An archive's names reach a terminal: none may steer it."""
    return "".join(c if c.isprintable() else "?" for c in name)


def _guess(content: bytes, line: int) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " but UTF-16", "，而是 UTF-16"
    row = content.split(b"\n", line)[line - 1]
    if HAN.search(row.decode("utf-8", "ignore")):
        return " throughout, two encodings are mixed in one row", "，同一行中混有两种编码"
    # Not the whole of GB18030: there an accented letter with its neighbour is a Chinese character.
    if _decodes(row, "gb2312") and HAN.search(row.decode("gb2312")):
        return " (it looks like GB18030)", "（看起来是 GB18030）"
    if _decodes(row, "cp1252"):
        return " (it looks like Latin-1)", "（看起来是 Latin-1）"
    return "", ""


def _decodes(row: bytes, encoding: str) -> bool:
    try:
        row.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
