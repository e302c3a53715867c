"""Files of a company's knowledge become documents: one format a module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from knowledge_base.errors import DocumentInvalid, FormatUnknown, SourceUnreadable
from knowledge_base.passages import Document
from knowledge_base.readers import csv, jsonl, markdown

Reader = Callable[[Path], Iterator[tuple[int, Document]]]

_READERS: dict[str, Reader] = {
    ".csv": csv.read,
    ".jsonl": jsonl.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
}


def read_documents(path: Path) -> list[Document]:
    """Every document of a file, or of all readable files below a folder, in order.

    In a folder, hidden files and files of other formats are passed over. Raises SourceError:
    either everything is returned or nothing.
    """
    return read_all([path])


def read_all(paths: Iterable[Path]) -> list[Document]:
    """Like `read_documents`; ids must differ over all paths together."""
    first_seen: dict[str, tuple[Path, int]] = {}
    documents = []
    for file in _distinct(file for path in paths for file in _files(path)):
        for line, document in _READERS[file.suffix.lower()](file):
            if document.id in first_seen:
                other, other_line = first_seen[document.id]
                raise DocumentInvalid(
                    file, line, f"id {document.id!r} is taken by {other}, line {other_line}"
                )
            first_seen[document.id] = (file, line)
            documents.append(document)
    return documents


def _distinct(files: Iterable[Path]) -> list[Path]:
    """A file named twice (itself and by its folder) is read once."""
    return list({file.resolve(): file for file in files}.values())


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise SourceUnreadable(path, "there is no such file or folder")
    found = sorted(_below(path)) if path.is_dir() else [path]
    if not found or found[0].suffix.lower() not in _READERS:
        raise FormatUnknown(path, tuple(_READERS))
    return found


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in _READERS:
                yield Path(parent, name)
