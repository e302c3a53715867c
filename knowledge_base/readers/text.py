"""The bytes of a source file as text, or the line that prevents it."""

from __future__ import annotations

import codecs
import re

from knowledge_base.errors import DocumentInvalid
from knowledge_base.readers.source import Source

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON_FROM = 0.9
# What layout leaves in extracted text, and halves of characters; tab and line end are text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff\ufffe\uffff\ud800-\udfff]")


def read_text(source: Source) -> str:
    """UTF-8 with or without a byte order mark; line ends become `\\n`."""
    data = source.data
    if (nul := data.find(b"\0")) >= 0:
        line = _line_of(data, nul)
        raise DocumentInvalid(source.path, line, "a NUL byte; save the file as UTF-8 text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The error's own bytes: offsets count from behind a byte order mark.
        line = _line_of(error.object, error.start)
        reason = "not UTF-8; save the file as UTF-8 text"
        raise DocumentInvalid(source.path, line, reason) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_prose(source: Source, *, declared: str = "") -> str:
    """Like `read_text`, but also what editors on Windows save: UTF-16 with its mark, GB 18030.

    `declared` is the encoding that the file claims; UTF-8 is tried first all the same, since
    that fails where it is wrong. Bytes count as GB 18030 only where nearly all of their
    characters are common ones, which those of another encoding would not be.
    """
    for mark, name in _MARKS:
        if source.data.startswith(mark):
            return _decoded(source, name)
    try:
        return read_text(source)
    except DocumentInvalid:
        if b"\0" in source.data:
            raise
        if declared:
            return _decoded(source, declared)
        if _is_common_chinese(source.data):
            return _decoded(source, "gb18030")
        raise


def printable(text: str) -> str:
    """Without characters that a terminal, a database or JSON could choke on."""
    return _UNPRINTABLE.sub("", text)


def _decoded(source: Source, name: str) -> str:
    try:
        text = source.data.decode(name)
    except (LookupError, UnicodeError, ValueError):
        raise source.refusal(f"not the {name[:40]!r} that it claims; save it as UTF-8") from None
    if "\0" in text:
        raise source.refusal("a NUL byte; save the file as UTF-8 text")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _is_common_chinese(data: bytes) -> bool:
    try:
        foreign = [character for character in data.decode("gb18030") if character > "\x7f"]
    except UnicodeDecodeError:
        return False
    # GB 2312 holds the 6,763 characters in daily use; a pair of its bytes is one character.
    common = len("".join(foreign).encode("gb2312", "ignore")) / 2
    return common >= _COMMON_FROM * len(foreign)


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
