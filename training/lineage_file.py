"""A lineage as JSON, and back with distrust."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge_base.storage import write_atomically
from training.errors import RegistryInvalid
from training.lineage import Event, Lineage, State, Version, What
from training.verdict import as_data, from_data

FORMAT = 1


@dataclass(frozen=True)
class Pending:
    """A move of the pointer that was announced; whether it happened, the pointer says."""

    version: str
    event: Event
    back: bool = False


@dataclass(frozen=True)
class Book:
    lineage: Lineage
    pending: Pending | None = None


def read_book(path: Path) -> Book | None:
    """None where there is no file yet. Raises RegistryInvalid."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise RegistryInvalid(path, "it is not JSON") from None
    try:
        return _book(path, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RegistryInvalid(path, f"{type(error).__name__}: {error}") from None


def write_book(path: Path, book: Book) -> None:
    pending = book.pending
    data = {
        "format": FORMAT,
        "line": list(book.lineage.line),
        "pending": None
        if pending is None
        else {
            "version": pending.version,
            "back": pending.back,
            "event": _event_data(pending.event),
        },
        "versions": [_version_data(version) for version in book.lineage.versions],
    }
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    write_atomically(path, text.encode())


def _book(path: Path, data: dict[str, Any]) -> Book:
    if data.get("format") != FORMAT:
        raise RegistryInvalid(path, f"its format is {data.get('format')!r}, not {FORMAT}")
    versions = tuple(_version(entry) for entry in data["versions"])
    lineage = Lineage(versions, tuple(str(name) for name in data["line"]))
    for name in lineage.line:
        lineage[name]
    pending = data["pending"]
    if pending is None:
        return Book(lineage)
    event = _event(pending["event"])
    return Book(lineage, Pending(str(pending["version"]), event, bool(pending["back"])))


def _version_data(version: Version) -> dict[str, Any]:
    return {
        "version": version.name,
        "state": version.state.value,
        "parent": version.parent,
        "kept": version.kept,
        "gate": None if version.gate is None else as_data(version.gate),
        "events": [_event_data(event) for event in version.events],
    }


def _version(data: dict[str, Any]) -> Version:
    return Version(
        name=str(data["version"]),
        state=State(data["state"]),
        parent=data["parent"],
        gate=None if data["gate"] is None else from_data(data["gate"]),
        events=tuple(_event(event) for event in data["events"]),
        kept=bool(data["kept"]),
    )


def _event_data(event: Event) -> dict[str, Any]:
    return {
        "what": event.what.value,
        "by": event.by,
        "at": event.at.isoformat(),
        "note": event.note,
    }


def _event(data: dict[str, Any]) -> Event:
    return Event(
        What(data["what"]), str(data["by"]), datetime.fromisoformat(data["at"]), str(data["note"])
    )
