"""Files that cannot be used, each broken in one way at a known line."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from tests.tiny_encoder import toy_rows

HEADER = "text,intent,language\n"


@dataclass(frozen=True)
class Bad:
    name: str
    content: bytes | None
    """None: a folder."""
    line: int | None
    complaint: str


def _toy() -> str:
    rows = toy_rows(4)
    return HEADER + "".join(f"{row.text},{row.intent},{row.language}\n" for row in rows)


GOOD = _toy()
NEXT = GOOD.count("\n") + 1
_JSON = '{"text": "where is my parcel", "intent": "parcel"}\n'


def _with(row: bytes) -> bytes:
    """The row stands between sound ones."""
    return GOOD.encode() + row + b"\nwhere is it,parcel,en\n"


BAD = (
    Bad("columns.csv", b"question,label\nwhere is it,parcel\n", 1, "the header lacks text and"),
    Bad("no_header.csv", b"where is it,parcel\nmy refund,refund\n", 1, "the header lacks text and"),
    Bad("semicolons.csv", b"text;intent\nhello;greeting\n", 1, "separated by semicolons"),
    Bad("fields.csv", _with(b"where, oh where,parcel,en"), NEXT, "4 fields where the header names"),
    Bad("gbk.csv", _with("我的快递,parcel,zh".encode("gbk")), NEXT, "looks like GB18030"),
    Bad("latin.csv", _with("where is my café,parcel,en".encode("latin-1")), NEXT, "Latin-1"),
    Bad(
        "half.csv", _with("快递".encode() + b"\xb5\xc4,parcel,zh"), NEXT, "two encodings are mixed"
    ),
    Bad("utf16.csv", GOOD.encode("utf-16"), 1, "it is not UTF-8 but UTF-16"),
    Bad("utf16be.csv", codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"), 1, "but UTF-16"),
    Bad("label.csv", _with(b'where is it,"par\ncel",en'), NEXT, "holds a line end"),
    Bad("null.csv", _with(b"where is it,par\0cel,en"), NEXT, "invisible character U+0000"),
    Bad("long.csv", _with(b"w" * 50_000 + b",parcel,en"), NEXT, "50,000 characters long"),
    Bad("no_label.csv", _with(b"where is it,,en"), NEXT, "the intent is empty"),
    Bad(
        "open_quote.csv",
        GOOD.encode() + b'"where is it,parcel,en\nx,y,en\n',
        NEXT,
        "is never closed",
    ),
    Bad("quote_after.csv", _with(b'"where" is it,parcel,en'), NEXT, "in the middle of"),
    Bad("list.jsonl", (_JSON + '["hello", "greeting"]\n').encode(), 2, "must be an object"),
    Bad("torn.jsonl", (_JSON + '{"text": "hello"\n').encode(), 2, "not valid JSON"),
    Bad("keys.jsonl", (_JSON + '{"utterance": "hello"}\n').encode(), 2, "must be an object"),
    Bad("empty.csv", b"", None, "the file is empty"),
    Bad("mark.csv", codecs.BOM_UTF8 + b"\n", None, "the file is empty"),
    Bad("empty.jsonl", b"", None, "the file is empty"),
    Bad("header_only.csv", HEADER.encode(), None, "it has no rows with a text"),
    Bad("blank.csv", (HEADER + " ,parcel,en\n").encode(), None, "it has no rows with a text"),
    Bad("folder", None, None, "nothing in it is training data"),
)

TOO_LITTLE = (
    Bad("one_class.csv", (HEADER + "a b,x,en\nc d,x,en\n" * 5).encode(), None, "needs 2 to choose"),
    Bad("three.csv", (HEADER + "a,x,en\nb,y,en\nc,x,en\n").encode(), None, "needs at least 8"),
)
"""Rows that may be measured on, and that nothing can be learnt from."""


def write_bad(bad: Bad, folder: Path) -> Path:
    path = folder / bad.name
    if bad.content is None:
        path.mkdir()
    else:
        path.write_bytes(bad.content)
    return path
