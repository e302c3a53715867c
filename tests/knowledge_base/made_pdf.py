"""PDF files written by hand, so that no test depends on a file of unknown origin.

Source of the syntax: ISO 32000-1, clauses 7.5 (file), 9.7 (composite fonts), 12.3.3 (outlines).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from enum import Enum

Pages = Sequence[Sequence[str]]


class Letters(Enum):
    """How a text becomes bytes in the file, and what tells a reader the way back."""

    LATIN = "Helvetica"
    MAPPED = "glyph numbers with a ToUnicode table"
    UNICODE = "UniGB-UTF16-H"
    GBK = "GBK-EUC-H"
    UNMAPPED = "glyph numbers without a table"


def pdf(
    pages: Pages,
    *,
    letters: Letters = Letters.LATIN,
    title: str = "",
    keywords: str = "",
    outline: Sequence[tuple[str, int]] = (),
    packed: bool = False,
    picture: bool = False,
) -> bytes:
    """`pages` of lines; `outline` of chapters with the page, from 1, on which each begins."""
    file = _File()
    catalog, tree = file.reserve(), file.reserve()
    fonts = _font(file, letters, "".join(line for lines in pages for line in lines))
    image = file.add(_PICTURE) if picture else 0
    drawn = f"/XObject << /I {image} 0 R >>" if picture else ""
    kids = []
    for lines in pages:
        content = file.add(_stream(_drawing(lines, letters), packed=packed))
        kids.append(
            file.add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 595 842] "
                f"/Contents {content} 0 R /Resources << /Font << /F {fonts} 0 R >> {drawn} >> >>"
            )
        )
    file.put(tree, f"<< /Type /Pages /Count {len(kids)} /Kids [{_references(kids)}] >>")
    root = _outline(file, outline, kids) if outline else 0
    entry = f"/Outlines {root} 0 R" if root else ""
    file.put(catalog, f"<< /Type /Catalog /Pages {tree} 0 R {entry} >>")
    info = file.add(f"<< /Title {_string(title)} /Keywords {_string(keywords)} >>")
    return file.written(catalog, info)


_PICTURE = (
    b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"
    b" /ColorSpace /DeviceGray /Length 1 >>\nstream\n\x00\nendstream"
)


class _File:
    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> int:
        self._objects.append(b"")
        return len(self._objects)

    def put(self, number: int, body: str | bytes) -> None:
        self._objects[number - 1] = body if isinstance(body, bytes) else body.encode("latin-1")

    def add(self, body: str | bytes) -> int:
        number = self.reserve()
        self.put(number, body)
        return number

    def written(self, catalog: int, info: int) -> bytes:
        data = b"%PDF-1.7\n"
        places = []
        for number, body in enumerate(self._objects, start=1):
            places.append(len(data))
            data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        count = len(places) + 1
        return data + (
            b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n"
            b"<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (count, table, count, catalog, info, len(data))
        )


def _font(file: _File, letters: Letters, text: str) -> int:
    if letters is Letters.LATIN:
        return file.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    by_glyph = letters in (Letters.MAPPED, Letters.UNMAPPED)
    below = file.add(
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
        f" /CIDSystemInfo << /Registry (Adobe) /Ordering ({'Identity' if by_glyph else 'GB1'})"
        " /Supplement 0 >> >>"
    )
    table = ""
    if letters is Letters.MAPPED:
        table = f"/ToUnicode {file.add(_stream(_to_unicode(text), packed=True))} 0 R"
    encoding = "Identity-H" if by_glyph else letters.value
    return file.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /{encoding}"
        f" /DescendantFonts [{below} 0 R] {table} >>"
    )


def _to_unicode(text: str) -> bytes:
    pairs = [
        f"<{_glyph(character):04X}> <{character.encode('utf-16-be').hex()}>"
        for character in sorted(set(text))
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    body = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{body}\nendcmap end end"
    ).encode()


def _glyph(character: str) -> int:
    """Any number but the character's own: a reader must not get by without the table."""
    return 0xE000 + ord(character) % 0x1800


def _drawing(lines: Sequence[str], letters: Letters) -> bytes:
    shown = b" T* ".join(_code(line, letters) + b" Tj" for line in lines)
    return b"BT /F 12 Tf 14 TL 50 800 Td " + shown + b" ET"


def _code(line: str, letters: Letters) -> bytes:
    if letters is Letters.LATIN:
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"(" + escaped.encode("latin-1") + b")"
    if letters is Letters.UNICODE:
        data = line.encode("utf-16-be")
    elif letters is Letters.GBK:
        data = line.encode("gbk")
    else:
        data = b"".join(_glyph(character).to_bytes(2, "big") for character in line)
    return b"<" + data.hex().encode() + b">"


def _outline(file: _File, chapters: Sequence[tuple[str, int]], kids: list[int]) -> int:
    root = file.reserve()
    items = [file.reserve() for _ in chapters]
    for place, (title, page) in enumerate(chapters):
        after = f"/Next {items[place + 1]} 0 R" if place + 1 < len(items) else ""
        before = f"/Prev {items[place - 1]} 0 R" if place else ""
        target = f"/Dest [{kids[page - 1]} 0 R /Fit]"
        file.put(
            items[place],
            f"<< /Title {_string(title)} /Parent {root} 0 R {target} {after} {before} >>",
        )
    file.put(root, f"<< /First {items[0]} 0 R /Last {items[-1]} 0 R /Count {len(items)} >>")
    return root


def _stream(data: bytes, *, packed: bool) -> bytes:
    kind = b""
    if packed:
        data, kind = zlib.compress(data), b"/Filter /FlateDecode "
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (kind, len(data), data)


def _string(text: str) -> str:
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _references(numbers: Sequence[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)
