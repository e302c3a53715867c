"""PDF files that break rules or take all they can get."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

from pypdf import PdfReader, PdfWriter

from tests.knowledge_base.made_pdf import Letters, pdf

GOOD = pdf([["Returns", "You may return goods."], ["Refunds", "They take five days."]])


def with_objects(*bodies: bytes, root: int = 1) -> bytes:
    """A file of these objects, numbered from 1."""
    data = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root %d 0 R >>\n"
        b"startxref\n%d\n%%%%EOF" % (len(places) + 1, table, len(places) + 1, root, len(data))
    )


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)


def page(content: bytes, resources: bytes = b"", *more: bytes) -> bytes:
    """One page; objects from number 6 on are `more`."""
    return with_objects(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font"
        b" << /F 5 0 R >> %b >> >>" % resources,
        content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    )


def encrypted(password: str, algorithm: str) -> bytes:
    writer = PdfWriter(PdfReader(io.BytesIO(GOOD)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm=algorithm)
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def _many_pages() -> bytes:
    kids = b" ".join(b"3 0 R" for _ in range(10_000))
    return with_objects(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 10000 /Kids [%b] >>" % kids,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    )


def _flate(times: int, size: int) -> bytes:
    data = b"\0" * size
    for _ in range(times):
        data = zlib.compress(data, 9)
    return page(stream(data, b"/Filter [%b]" % (b"/FlateDecode " * times)))


def _mapped_range(low: bytes, high: bytes) -> bytes:
    table = b"begincmap 1 beginbfrange <%b> <%b> <4E00> endbfrange endcmap" % (low, high)
    return with_objects(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font"
        b" << /F 5 0 R >> >> >>",
        stream(b"BT /F 9 Tf <00010002> Tj ET"),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H"
        b" /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /X >>",
        stream(table),
    )


def _outline_loop() -> bytes:
    return with_objects(
        b"<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        stream(b"BT (x) Tj ET"),
        b"<< /First 6 0 R /Last 6 0 R /Count 1 >>",
        b"<< /Title (a) /Parent 5 0 R /Next 6 0 R /First 6 0 R /Dest [3 0 R /Fit] >>",
    )


def _form_loop() -> bytes:
    form = stream(
        b"/X Do /X Do", b"/Type /XObject /Subtype /Form /Resources << /XObject << /X 6 0 R >> >>"
    )
    return page(stream(b"/X Do"), b"/XObject << /X 6 0 R >>", form)


def _tree(kids: bytes) -> bytes:
    return with_objects(
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 3 /Kids [%b] >>" % kids
    )


FILES: dict[str, Callable[[], bytes]] = {
    "ten thousand pages": _many_pages,
    "a password": lambda: encrypted("secret", "AES-256"),
    "an old password": lambda: encrypted("secret", "RC4-40"),
    "scanned": lambda: pdf([[], [], []], picture=True),
    "scanned but for a stamp": lambda: pdf([["Stamp"], [], [], []], picture=True),
    "no text at all": lambda: pdf([[]]),
    "glyphs without letters": lambda: pdf([["退货说明", "七天"]], letters=Letters.UNMAPPED),
    "nothing behind the header": lambda: b"%PDF-1.7\n",
    "noise behind the header": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 500,
    "cut short": lambda: GOOD[:200],
    "no cross-reference": lambda: GOOD[: GOOD.index(b"xref")].replace(b"/Catalog", b"/Nothing"),
    "its own parent": lambda: _tree(b"2 0 R"),
    "kids that are not there": lambda: _tree(b"9 0 R 8 0 R 7 0 R"),
    "kids of the wrong kind": lambda: _tree(b"1 0 R (x) 3.5"),
    "no catalogue": lambda: with_objects(b"<< /Type /Nothing >>"),
    "a catalogue that is a number": lambda: with_objects(b"42"),
    "brackets without end": lambda: page(stream(b"BT " + b"[" * 200_000 + b" ET")),
    "an object of brackets": lambda: with_objects(b"[" * 100_000, root=1),
    "dictionaries in dictionaries": lambda: with_objects(b"<< /A " * 50_000, root=1),
    "a bomb": lambda: _flate(1, 120 * 2**20),
    "a bomb in a bomb": lambda: _flate(3, 120 * 2**20),
    "a hundred filters": lambda: page(stream(b"x", b"/Filter [%b]" % (b"/FlateDecode " * 100))),
    "a length below zero": lambda: GOOD.replace(b"/Length 6", b"/Length -6"),
    "a length that refers to itself": lambda: page(b"<< /Length 4 0 R >>\nstream\nx\nendstream"),
    "all characters at once": lambda: _mapped_range(b"0000", b"FFFFFFFF"),
    "a table that runs backwards": lambda: _mapped_range(b"FFFF", b"0000"),
    "chapters in a circle": _outline_loop,
    "forms in a circle": _form_loop,
    "a cross-reference in a circle": lambda: GOOD.replace(
        b"trailer\n<< ", b"trailer\n<< /Prev %d " % GOOD.rindex(b"xref\n0")
    ),
    "a cross-reference far away": lambda: GOOD.replace(b"startxref\n", b"startxref\n99999999999"),
    "numbers too large": lambda: page(stream(b"BT 1" + b"0" * 100_000 + b" 0 Td (x) Tj ET")),
    "nothing but operators": lambda: page(stream(b"q " * 3_000_000)),
}
