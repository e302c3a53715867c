"""DOCX and XLSX files that break rules or take all they can get."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable

from knowledge_base.readers.limits import ROWS
from tests.knowledge_base.made_office import docx_file, part, with_parts, xlsx_file, zip_file

DOCX = docx_file([("Heading 1", "Returns"), ("Normal", "Within fifteen days.")])
XLSX = xlsx_file({"FAQ": [["question", "answer"], ["Open when?", "At nine."]]})
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504

_WORD = "word/document.xml"
_SHEET = "xl/worksheets/sheet1.xml"
_XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
_PARAMETER = '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>'
_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _declaring(package: bytes, name: str, doctype: str, *, used: str = "&x;") -> bytes:
    xml = part(package, name)
    head, end, rest = xml.partition("?>") if xml.startswith("<?") else ("", "", xml)
    start = rest.lstrip()
    where = start.index(">") + 1 if not start[: start.index(">")].endswith("/") else len(start)
    return with_parts(package, {name: head + end + doctype + start[:where] + used + start[where:]})


def _in_utf16(package: bytes, name: str, doctype: str) -> bytes:
    xml = part(package, name).partition("?>")[2]
    text = f'<?xml version="1.0" encoding="UTF-16"?>{doctype}{xml}'
    return with_parts(package, {name: text.encode("utf-16")})


def _body(inside: str) -> bytes:
    head, start, rest = part(DOCX, _WORD).partition("<w:body>")
    return with_parts(DOCX, {_WORD: head + start + inside + rest})


def _sheet(inside: str, dimension: str = "A1:B2") -> bytes:
    xml = (
        f'<worksheet xmlns="{_SPREADSHEET}"><dimension ref="{dimension}"/>'
        f"<sheetData>{inside}</sheetData></worksheet>"
    )
    return with_parts(XLSX, {_SHEET: xml})


def _cell(place: str, text: str = "x") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _without(package: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return zip_file({n: archive.read(n) for n in archive.namelist() if n != name})


def _twice(package: bytes, name: str) -> bytes:
    stream = io.BytesIO(package)
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(name, "<other/>")
    return stream.getvalue()


def _linked(package: bytes, name: str) -> bytes:
    stream = io.BytesIO(package)
    with zipfile.ZipFile(stream, "a") as archive:
        link = zipfile.ZipInfo(name)
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/hostname")
    return stream.getvalue()


def _rows(count: int) -> str:
    return "".join(f'<row r="{n}">{_cell(f"A{n}")}</row>' for n in range(1, count + 1))


def _password(kind: str) -> bytes:
    return OLE + "EncryptedPackage".encode("utf-16-le") + struct.pack("<q", len(kind)) + b"\0" * 512


DOCX_FILES: dict[str, Callable[[], bytes]] = {
    "a file of the machine as entity": lambda: _declaring(DOCX, _WORD, _XXE),
    "an entity in the styles": lambda: _declaring(DOCX, "word/styles.xml", _XXE),
    "an entity in the properties": lambda: _declaring(DOCX, "docProps/core.xml", _XXE),
    "an entity in the list of parts": lambda: _declaring(DOCX, "[Content_Types].xml", _XXE),
    "an entity in the relations": lambda: _declaring(DOCX, "_rels/.rels", _XXE),
    "a parameter entity from afar": lambda: _declaring(DOCX, _WORD, _PARAMETER, used=""),
    "a billion laughs": lambda: _declaring(DOCX, _WORD, _LAUGHS, used="&l9;"),
    "laughs in the styles": lambda: _declaring(DOCX, "word/styles.xml", _LAUGHS, used="&l9;"),
    "an entity in UTF-16": lambda: _in_utf16(DOCX, _WORD, _XXE),
    "macros": lambda: with_parts(DOCX, {"word/vbaProject.bin": OLE}),
    "a password": lambda: _password("docx"),
    "an old Word file": lambda: OLE * 4,
    "an RTF file": lambda: b"{\\rtf1 hello}",
    "a PDF file": lambda: b"%PDF-1.7\n1 0 obj",
    "nothing": lambda: b"",
    "words": lambda: "just words, 只有文字".encode(),
    "cut short": lambda: DOCX[: len(DOCX) // 2],
    "no document": lambda: _without(DOCX, _WORD),
    "no list of parts": lambda: _without(DOCX, "[Content_Types].xml"),
    "broken XML": lambda: with_parts(DOCX, {_WORD: "<w:document><w:body>"}),
    "binary XML": lambda: with_parts(DOCX, {_WORD: bytes(range(256)) * 9}),
    "another document inside": lambda: with_parts(DOCX, {_WORD: "<html><body>x</body></html>"}),
    "a part twice": lambda: _twice(DOCX, _WORD),
    "a part that is a link": lambda: _linked(DOCX, "word/media.xml"),
    "a part outside": lambda: with_parts(DOCX, {"../../outside.xml": "<a/>"}),
    "a bomb as picture": lambda: with_parts(DOCX, {"word/media/a.png": b"\0" * (64 * 2**20)}),
    "a bomb as text": lambda: _body(f"<w:p><w:r><w:t>{' ' * 70 * 2**20}</w:t></w:r></w:p>"),
    "paragraphs inside each other": lambda: _body("<w:p>" * 50_000 + "</w:p>" * 50_000),
    "a million and a half empty paragraphs": lambda: _body("<w:p/>" * 1_500_000),
    "no words": lambda: docx_file([("Normal", " ")]),
    "too many parts": lambda: with_parts(DOCX, {f"word/x{n}.bin": b"" for n in range(5_001)}),
}

XLSX_FILES: dict[str, Callable[[], bytes]] = {
    "a file of the machine as entity": lambda: _declaring(XLSX, _SHEET, _XXE),
    "an entity in the workbook": lambda: _declaring(XLSX, "xl/workbook.xml", _XXE),
    "an entity in the styles": lambda: _declaring(XLSX, "xl/styles.xml", _XXE),
    "an entity in UTF-16": lambda: _in_utf16(XLSX, "xl/workbook.xml", _XXE),
    "a billion laughs": lambda: _declaring(XLSX, "xl/styles.xml", _LAUGHS, used="&l9;"),
    "macros": lambda: with_parts(XLSX, {"xl/vbaProject.bin": OLE}),
    "a password": lambda: _password("xlsx"),
    "an old Excel file": lambda: OLE * 4,
    "a table in CSV": lambda: b"question,answer\nq,a\n",
    "cut short": lambda: XLSX[: len(XLSX) // 2],
    "no workbook": lambda: _without(XLSX, "xl/workbook.xml"),
    "no sheet": lambda: _without(XLSX, _SHEET),
    "broken XML": lambda: with_parts(XLSX, {_SHEET: "<worksheet><sheetData><row>"}),
    "a text that is not there": lambda: _sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
    "a formula without a result": lambda: xlsx_file(
        {"FAQ": [["question", "answer"], ["What?", '="a"&"b"']]}
    ),
    "a day that is none": lambda: xlsx_file(
        {"FAQ": [["question", "answer", "valid_from"], ["What?", "That.", "31 February"]]}
    ),
    "an answer too few": lambda: xlsx_file({"FAQ": [["question", "answer"], ["What?", None]]}),
    "no rows": lambda: xlsx_file({"FAQ": [["question", "answer"]]}),
    "a row too many": lambda: _sheet(_rows(ROWS + 2)),
    "a column too many": lambda: xlsx_file({"Wide": [["x"] * 300, ["y"] * 300]}),
    "the last cell of all": lambda: _sheet(
        f'<row r="1">{_cell("A1")}</row><row r="1048576">{_cell("XFD1048576")}</row>',
        "A1:XFD1048576",
    ),
    "a cell far away": lambda: _sheet(
        f'<row r="1">{_cell("A1")}</row><row r="2">{_cell("ZZ2")}</row>'
    ),
    "a bomb": lambda: with_parts(XLSX, {"xl/media/a.bin": b"\0" * (64 * 2**20)}),
}
