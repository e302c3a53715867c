"""The bytes of a source file as text, or the line that prevents it."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.errors import DocumentInvalid, SourceUnreadable


def read_text(path: Path) -> str:
    """UTF-8 with or without a byte order mark; line ends become `\\n`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceUnreadable(path, error.strerror or "unreadable") from None
    if (nul := data.find(b"\0")) >= 0:
        raise DocumentInvalid(path, _line_of(data, nul), "a NUL byte; save the file as UTF-8 text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The error's own bytes: offsets count from behind a byte order mark.
        line = _line_of(error.object, error.start)
        raise DocumentInvalid(path, line, "not UTF-8; save the file as UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
