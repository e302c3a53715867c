"""A DOCX or XLSX file is looked through before a library opens it."""

from __future__ import annotations

import io
import zipfile

from knowledge_base.readers.limits import OFFICE_BYTES, OFFICE_FILES, XML_BYTES
from knowledge_base.readers.source import Source
from knowledge_base.readers.xml_guard import XmlRefused, walk_xml
from knowledge_base.readers.zipped import flaw, open_zip, unpack

_XML = (".xml", ".rels", ".vml")


def checked_package(source: Source, *, main: str) -> io.BytesIO:
    """The file again, once it is known to hold `main` and nothing that does harm.

    Raises DocumentInvalid.
    """
    archive = open_zip(source, most_files=OFFICE_FILES)
    members = archive.infolist()
    names = [member.filename for member in members]
    if main not in names or "[Content_Types].xml" not in names:
        raise source.refusal(f"is no {source.suffix} file inside; save it again")
    if len(set(names)) < len(names):
        raise source.refusal("holds two parts of one name; save it again")
    if any("vbaproject" in name.lower() for name in names):
        raise source.refusal("holds macros; save it without them")
    if sum(member.file_size for member in members) > OFFICE_BYTES:
        raise source.refusal(f"unpacks to more than {OFFICE_BYTES // 2**20} MiB; split it")
    for member in members:
        if reason := flaw(member):
            raise source.refusal(f"its part {member.filename[:80]!r} {reason}")
        if member.filename.lower().endswith(_XML):
            _check_xml(source, archive, member)
    return io.BytesIO(source.data)


def _check_xml(source: Source, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    try:
        walk_xml(io.BytesIO(unpack(archive, member, most_bytes=XML_BYTES)))
    except (XmlRefused, ValueError) as error:
        raise source.refusal(f"its part {member.filename[:80]!r} {error}; save it again") from None
