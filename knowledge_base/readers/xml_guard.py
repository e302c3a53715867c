"""XML is walked by expat before any library builds a tree of it.

Expat neither fetches nor expands anything here: a document type declaration, without which there
are no entities, is refused when it begins. Office files and sitemaps never need one
(ECMA-376 part 2, clause 8.2.6; sitemaps.org).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from knowledge_base.readers.limits import DEPTH, ELEMENTS, XML_BYTES

Seen = Callable[[str, str], None]
"""Called at the end of an element with its name, without its namespace, and its own text."""

_STEP = 2**16


class XmlRefused(Exception):
    """The reader that knows the file turns it into DocumentInvalid."""


def walk_xml(stream: IO[bytes], seen: Seen | None = None) -> None:
    """Raises XmlRefused for what is broken, too large, too deep or declares entities."""
    walk = _Walk(seen)
    size = 0
    try:
        while step := stream.read(_STEP):
            size += len(step)
            if size > XML_BYTES:
                raise XmlRefused(f"holds more than {XML_BYTES // 2**20} MiB of XML in one part")
            walk.parser.Parse(step, False)
        walk.parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise XmlRefused(f"holds broken XML ({error})") from None


class _Walk:
    def __init__(self, seen: Seen | None) -> None:
        self._seen = seen
        self._text: list[list[str]] = []
        self._depth = self._elements = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        if seen:
            self.parser.buffer_text = True
            self.parser.CharacterDataHandler = self._characters

    def _refuse_doctype(self, *_: object) -> None:
        raise XmlRefused("declares a document type, which could name other files or grow endlessly")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH:
            raise XmlRefused(f"nests more than {DEPTH} elements")
        if self._elements > ELEMENTS:
            raise XmlRefused(f"holds more than {ELEMENTS:,} elements in one part")
        if self._seen:
            self._text.append([])

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._seen:
            self._seen(name.rpartition(":")[2], "".join(self._text.pop()))

    def _characters(self, text: str) -> None:
        if self._text:
            self._text[-1].append(text)
