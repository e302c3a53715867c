"""Labelled sentences from Kefu's own files and from elsewhere: one format a module."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from training.findings import Finding
from training.readers import chatwoot, csv, dialogflow, jsonl, rasa_markdown, rasa_yaml
from training.readers.faults import Fault
from training.readers.rows import Draft, Reader
from training.readers.source import Source, read_sources

_YAML = (".yml", ".yaml")
_MARKDOWN = (".md", ".markdown")
_JSON_LINES = (".jsonl", ".ndjson")


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    RASA = "rasa"
    DIALOGFLOW = "dialogflow"
    CHATWOOT = "chatwoot"


@dataclass(frozen=True)
class Reading:
    format: Format
    drafts: tuple[Draft, ...]
    findings: tuple[Finding, ...]
    """What the format holds beyond rows, or rows that cannot be used."""
    sha256: str


def read_drafts(path: Path) -> Reading:
    """What a file, a folder or a ZIP file holds, its rows unchecked. Raises CorpusInvalid."""
    sources = read_sources(path)
    chosen = _format(path, sources)
    rows = list(_READERS[chosen](sources))
    return Reading(
        chosen,
        tuple(row for row in rows if isinstance(row, Draft)),
        tuple(row for row in rows if isinstance(row, Finding)),
        _digest(sources),
    )


def _format(path: Path, sources: Sequence[Source]) -> Format:
    if len(sources) == 1 and not sources[0].name:
        return _format_of_one(sources[0])
    if any(map(dialogflow.has_phrases, sources)):
        return Format.DIALOGFLOW
    if any(map(_is_rasa, sources)):
        return Format.RASA
    if any(source.suffix == ".json" for source in sources):
        return Format.CHATWOOT
    raise Fault.NO_FORMAT.at(path)


def _format_of_one(source: Source) -> Format:
    """A file whose name says nothing is taken for CSV."""
    if not source.content.removeprefix(BOM_UTF8).strip():
        raise Fault.EMPTY.at(source.path)
    if source.suffix in (*_YAML, *_MARKDOWN):
        return Format.RASA
    if source.suffix in _JSON_LINES:
        return Format.JSONL
    if source.suffix == ".json":
        return Format.DIALOGFLOW if dialogflow.has_phrases(source) else Format.CHATWOOT
    return Format.CHATWOOT if chatwoot.has_conversations(csv.header(source)) else Format.CSV


def _is_rasa(source: Source) -> bool:
    if source.suffix in _YAML:
        return rasa_yaml.has_nlu(source)
    return source.suffix in _MARKDOWN and rasa_markdown.has_intents(source)


def _read_rasa(sources: Sequence[Source]) -> Iterator[Draft | Finding]:
    for source in sources:
        # In a project's folder lie domains, stories and credentials too; a file named is meant.
        if not source.name or _is_rasa(source):
            reader = rasa_yaml if source.suffix in _YAML else rasa_markdown
            yield from reader.read(source)


def _digest(sources: Sequence[Source]) -> str:
    if len(sources) == 1 and not sources[0].name:
        return hashlib.sha256(sources[0].content).hexdigest()
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{len(source.name)} {source.name} {len(source.content)}\n".encode())
        digest.update(source.content)
    return digest.hexdigest()


_READERS: dict[Format, Reader] = {
    Format.CSV: csv.read,
    Format.JSONL: jsonl.read,
    Format.RASA: _read_rasa,
    Format.DIALOGFLOW: dialogflow.read,
    Format.CHATWOOT: chatwoot.read,
}
