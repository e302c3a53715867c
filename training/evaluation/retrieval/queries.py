"""`query,expected_id[,language,collection]`: what is asked, and the articles that answer it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chatbot.errors import InputInvalid
from chatbot.text import accept_text
from knowledge_base.han import guess_language
from training.readers.csv import records
from training.readers.faults import Fault
from training.readers.source import Source, read_sources

_COLUMNS = ("query", "expected_id")
_HEADER = "query,expected_id[,language,collection]"
_BETWEEN_IDS = "|"
_NO_LANGUAGE = "other"


@dataclass(frozen=True)
class Query:
    text: str
    expected: tuple[str, ...]
    """Ids of documents, any of which answers it; empty where nothing does."""
    language: str
    """As the file says, else guessed: `en`, `zh` or `other`."""
    collection: str = ""
    """As the file says; empty where it says none."""
    line: int = 0


@dataclass(frozen=True)
class QueryFile:
    path: Path
    queries: tuple[Query, ...]
    sha256: str


@dataclass(frozen=True)
class Known:
    """The documents that a query may expect."""

    name: str
    """As an error calls the place they stand in."""
    ids: frozenset[str]


def read_queries(
    path: Path,
    *,
    longest: int,
    known: Callable[[str], Known],
    content: bytes | None = None,
) -> QueryFile:
    """`known` gets what the file says of the collection. Raises CorpusInvalid, and what `known`
    raises.

    `longest` in characters, as a conversation takes a message. With `content` no file is read:
    `path` is its name.
    """
    source = _one_file(path) if content is None else Source(path, "", content)
    queries = tuple(_queries(source, longest, known))
    if not queries:
        raise Fault.NO_QUERIES.at(path)
    return QueryFile(path, queries, hashlib.sha256(source.content).hexdigest())


def _one_file(path: Path) -> Source:
    if path.is_dir():
        raise Fault.NO_ONE_FILE.at(path)
    sources = read_sources(path)
    if len(sources) != 1 or sources[0].name:
        raise Fault.NO_ONE_FILE.at(path)
    if not sources[0].text().strip():
        raise Fault.EMPTY.at(path)
    return sources[0]


def _queries(source: Source, longest: int, known: Callable[[str], Known]) -> Iterator[Query]:
    for line, row in records(source, _COLUMNS, header=_HEADER):
        collection = row.get("collection", "").strip()
        try:
            text = accept_text(row["query"], limit=longest)
        except InputInvalid:
            raise Fault.NO_QUERY.at(source.path, line=line, most=longest) from None
        articles = known(collection)
        expected = _expected(row["expected_id"].strip(), articles.ids)
        for article in expected:
            if article not in articles.ids:
                raise Fault.UNKNOWN_ARTICLE.at(
                    source.path, line=line, id=repr(article), knowledge=articles.name
                )
        spoken = row.get("language", "").strip().lower().replace("_", "-").partition("-")[0]
        language = spoken or guess_language(text) or _NO_LANGUAGE
        yield Query(text, expected, language, collection, line)


def _expected(cell: str, ids: frozenset[str]) -> tuple[str, ...]:
    """An id may hold the sign that stands between two."""
    if cell in ids:
        return (cell,)
    parts = (part.strip() for part in cell.split(_BETWEEN_IDS))
    return tuple(dict.fromkeys(part for part in parts if part))
