"""Files of a company's knowledge become documents: one format a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.errors import DocumentInvalid, FormatUnknown, SourceError, place
from knowledge_base.passages import Document
from knowledge_base.readers import csv, jsonl, markdown, txt
from knowledge_base.readers.archive import find_in
from knowledge_base.readers.confined import Confinement
from knowledge_base.readers.discovery import ARCHIVE, FORMATS, TABLES, Found, find
from knowledge_base.readers.limits import SMALL_BYTES
from knowledge_base.readers.signatures import check_signature
from knowledge_base.readers.site import with_addresses
from knowledge_base.readers.source import Source

Reader = Callable[[Source], Iterator[tuple[int, Document]]]
Watch = Callable[[str, int, int], None]
"""Called with the name of the file that comes next, files done and files known so far."""

_READERS: dict[str, Reader] = {
    ".csv": csv.read,
    ".jsonl": jsonl.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".txt": txt.read,
}
"""Those that may run in this process; `cell` has the others."""


@dataclass(frozen=True)
class Reading:
    documents: list[Document]
    files: int
    """That were read whole."""
    refused: tuple[SourceError, ...]
    """One for each file of which nothing was read."""


def read_documents(path: Path) -> list[Document]:
    """Every document of a file, or of all readable files below a folder, in order.

    In a folder, hidden files and files of other formats are passed over. Raises SourceError:
    either everything is returned or nothing.
    """
    return read_all([path])


def read_all(paths: Iterable[Path]) -> list[Document]:
    """Like `read_documents`; ids must differ over all paths together."""
    documents: list[Document] = []
    for outcome in _outcomes(paths, _unwatched, Confinement()):
        if isinstance(outcome, SourceError):
            raise outcome
        documents += outcome
    return documents


def read_each(
    paths: Iterable[Path], *, watch: Watch | None = None, cell: Confinement | None = None
) -> Reading:
    """Every file that can be read, and why the others cannot; of one file all or nothing.

    Of two files with the same id the first keeps it, and the other is refused. `cell` is ended
    afterwards.
    """
    documents: list[Document] = []
    refused: list[SourceError] = []
    files = 0
    for outcome in _outcomes(paths, watch or _unwatched, cell or Confinement()):
        if isinstance(outcome, SourceError):
            refused.append(outcome)
        else:
            documents += outcome
            files += 1
    return Reading(documents, files, tuple(refused))


def _outcomes(
    paths: Iterable[Path], watch: Watch, confinement: Confinement
) -> Iterator[list[Document] | SourceError]:
    """One for each file."""
    waiting = list(_distinct(_found(paths)))[::-1]
    seen: dict[str, tuple[Path, int]] = {}
    done = 0
    with confinement as cell:
        while waiting:
            item = waiting.pop()
            if isinstance(item, SourceError):
                yield item
                continue
            watch(item.path.name, done, done + 1 + len(waiting))
            try:
                source = item.source()
                check_signature(source)
                if source.suffix == ARCHIVE:
                    waiting += with_addresses(find_in(source))[::-1]
                    continue
                documents = _read(source, cell, seen)
            except SourceError as error:
                yield error
            else:
                yield documents
            done += 1
        watch("", done, done)


def _read(source: Source, cell: Confinement, seen: dict[str, tuple[Path, int]]) -> list[Document]:
    """`seen`, where each id was found, grows by those of the file once all of it is read."""
    own: dict[str, tuple[Path, int]] = {}
    documents = []
    for line, document in _reader(source, cell)(source):
        if other := own.get(document.id) or seen.get(document.id):
            reason = f"id {document.id!r} is taken by {place(*other)}"
            raise DocumentInvalid(source.path, line, reason)
        own[document.id] = (source.path, line)
        documents.append(document)
    seen |= own
    return documents


def _reader(source: Source, cell: Confinement) -> Reader:
    """Tables are read row by row and take no more time than their rows."""
    harmless = source.suffix in TABLES or len(source.data) <= SMALL_BYTES
    return _READERS.get(source.suffix, cell.read) if harmless else cell.read


def _found(paths: Iterable[Path]) -> Iterator[Found | SourceError]:
    for path in paths:
        yield from with_addresses(list(find(path))) or [FormatUnknown(path, FORMATS)]


def _distinct(found: Iterable[Found | SourceError]) -> Iterator[Found | SourceError]:
    """A file named twice (itself and by its folder) is read once."""
    known: set[Path] = set()
    for item in found:
        if isinstance(item, Found):
            if item.path.resolve() in known:
                continue
            known.add(item.path.resolve())
        yield item


def _unwatched(name: str, done: int, known: int) -> None:
    pass
