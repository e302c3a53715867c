"""What the first bytes of a file say it is, whatever its name says."""

from __future__ import annotations

from knowledge_base.errors import DocumentInvalid
from knowledge_base.readers.source import Source

ZIP = "a ZIP archive"
PDF = "a PDF"
OLE = "an old binary Office file"

_FIRST_BYTES = {
    b"PK\x03\x04": ZIP,
    b"PK\x05\x06": ZIP,
    b"%PDF-": PDF,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": OLE,
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ\x90\0": "a program",
    b"{\\rtf": "an RTF file",
}
_EXPECTED = {".pdf": PDF, ".docx": ZIP, ".xlsx": ZIP, ".zip": ZIP}
_PDF_WITHIN = 1024
"""Bytes that may stand before `%PDF-` (ISO 32000-1, annex H.3.4.1)."""
# "EncryptedPackage" as a name inside an OLE container ([MS-OFFCRYPTO] 1.3.3).
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def check_signature(source: Source) -> None:
    """Raises DocumentInvalid where name and content disagree."""
    found = next(
        (kind for first, kind in _FIRST_BYTES.items() if source.data.startswith(first)), ""
    )
    if source.suffix == ".pdf" and b"%PDF-" in source.data[:_PDF_WITHIN]:
        found = PDF
    expected = _EXPECTED.get(source.suffix, "")
    if found == expected:
        return
    if not source.data:
        raise source.refusal("is empty")
    if found == OLE and expected == ZIP and _ENCRYPTED in source.data:
        raise source.refusal("is encrypted; save it without a password")
    if found:
        reason = f"is {found}, not what its name says; save it in the named format"
        raise DocumentInvalid(source.path, 0 if expected else 1, reason)
    raise source.refusal(f"is not {expected}, though its name says so; save it again")
