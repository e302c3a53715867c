"""Archives, pages and texts that break rules or take all they can get."""

from __future__ import annotations

import io
import json
import random
import struct
import warnings
import zipfile
from collections.abc import Callable

from tests.knowledge_base.made_office import zip_file


def _with_method(method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("a.txt", "words " * 99)
    return stream.getvalue()


def _with_flag(flag: int) -> bytes:
    data = bytearray(zip_file({"a.txt": "words"}))
    data[6:8] = struct.pack("<H", flag)
    place = data.index(b"PK\x01\x02") + 8
    data[place : place + 2] = struct.pack("<H", flag)
    return bytes(data)


def _claiming(size: int) -> bytes:
    """An archive whose list says that its file is of that size."""
    data = bytearray(zip_file({"a.txt": "words " * 1000}))
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", size)
    return bytes(data)


def _damaged() -> bytes:
    data = bytearray(zip_file({"a.txt": "words " * 1000}, packed=False))
    data[100] ^= 0xFF
    return bytes(data)


def _link() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("passwords.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return stream.getvalue()


def _twice() -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.csv", "id,question,answer\na,q,1\n")
        archive.writestr("a.csv", "id,question,answer\na,q,2\n")
    return stream.getvalue()


def _nested(depth: int) -> bytes:
    data = zip_file({"a.txt": "words"})
    for _ in range(depth):
        data = zip_file({"a.zip": data})
    return data


ZIP_FILES: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: zip_file({"a.txt": b" " * (64 * 2**20)}),
    "a size that is a lie": lambda: _claiming(17),
    "four gigabytes, it claims": lambda: _claiming(0xFFFFFFF0),
    "archives in archives": lambda: _nested(20),
    "a way out": lambda: zip_file({"../../outside.txt": "words"}),
    "a way out with backslashes": lambda: zip_file({"..\\..\\outside.txt": "words"}),
    "a name from the root": lambda: zip_file({"/etc/outside.txt": "words"}),
    "a name with a drive": lambda: zip_file({"C:\\outside.txt": "words"}),
    "a link": _link,
    "a password": lambda: _with_flag(1),
    "packed as bzip2": lambda: _with_method(zipfile.ZIP_BZIP2),
    "packed as LZMA": lambda: _with_method(zipfile.ZIP_LZMA),
    "damaged": _damaged,
    "cut short": lambda: zip_file({"a.txt": "words " * 1000})[:-40],
    "only an end": lambda: b"PK\x05\x06" + b"\xff" * 18,
    "nothing inside": lambda: zip_file({}),
    "pictures only": lambda: zip_file({"a.png": b"\x89PNG", "b/c.jpg": b"\xff\xd8\xff"}),
    "too many files": lambda: zip_file({f"{n}.txt": b"" for n in range(10_001)}),
    "one name twice": _twice,
    "a name without end": lambda: zip_file({"a/" * 30_000 + "a.exe": "x"}),
    "a program by another name": lambda: b"\x7fELF" + b"\0" * 999,
    "macros inside": lambda: zip_file({"a.xlsm": b"PK\x03\x04", "b.docm": b"PK\x03\x04"}),
}

_START = "<html><body><main>"

HTML_FILES: dict[str, Callable[[], bytes]] = {
    "boxes in boxes": lambda: (_START + "<div>" * 200_000).encode(),
    "tables in tables": lambda: (_START + "<table><tr><td>" * 20_000).encode(),
    "bold in bold": lambda: (_START + "<b>" * 20_000 + "x").encode(),
    "lists in lists": lambda: (_START + "<ul><li>" * 50_000 + "x").encode(),
    "two million elements": lambda: (_START + "<p>x" * 2_000_000).encode(),
    "NUL bytes": lambda: b"<p>wo\0rds</p>",
    "NUL bytes in UTF-16": lambda: "\ufeff<p>wo\0rds</p>".encode("utf-16-le"),
    "scripts only": lambda: b"<script>document.write('x')</script>",
    "a cookie banner only": lambda: b"<div class='cookie-banner'>We use cookies</div>",
    "navigation only": lambda: b"<nav><a href=/>Home</a></nav><footer>x</footer>",
    "an encoding that is none": lambda: b"<meta charset=klingon><p>\xff\xfe\xfd",
    "an encoding that is wrong": lambda: b"<meta charset=gbk><p>\xff\xff\xff",
    "an encoding that runs code": lambda: b"<meta charset=zip><p>\xff\xff",
    "a comment without end": lambda: b"<!-- <p>words</p>",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
    "noise": lambda: b"<p>" + random.Random(7).randbytes(5_000),
    "nothing": lambda: b"",
    "frames only": lambda: b"<frameset><frame src=a.html></frameset>",
    "data without end": lambda: b'<script type="application/ld+json">' + b"[" * 200_000,
}

TEXT_FILES: dict[str, Callable[[], bytes]] = {
    "nul.txt": lambda: b"words\0words",
    "noise.txt": lambda: random.Random(8).randbytes(9_000),
    "blank.txt": lambda: b" \n\n\t\n",
    "program.txt": lambda: b"\x7fELF\x02\x01\x01",
    "utf32.txt": lambda: "words 文字".encode("utf-32"),
    "halves.txt": lambda: "\ufeff文\ud800字".encode("utf-16-le", "surrogatepass"),
    "long.csv": lambda: b"id,question,answer\na,q," + b"x" * 200_000 + b"\n",
    "open.csv": lambda: b'id,question,answer\na,q,"' + b"x\n" * 50_000,
    "wide.csv": lambda: b"id,question,answer\na" + b"," * 100_000 + b"\n",
    "deep.jsonl": lambda: b'{"a":' * 100_000,
    "number.jsonl": lambda: b'{"id":' + b"9" * 100_000 + b',"question":"q","answer":"a"}',
    "roles.jsonl": lambda: json.dumps({"messages": [{"role": ["user"], "content": {}}]}).encode(),
    "open.md": lambda: b"---\ntitle: x\n" + b"words\n" * 9,
    "picture.md": lambda: b"\xff\xd8\xff\xe0",
    "twice.md": lambda: b"## A\n\nx\n\n## A\n\ny\n",
}
