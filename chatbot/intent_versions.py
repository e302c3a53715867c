"""The versions of a collection's intent model, read from the files that training leaves.

`registry.json` tells their story; without it, as before the first retraining, the folders are
all there is to tell. Which version serves is what `CURRENT` names, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chatbot.intent_home import CURRENT
from chatbot.shelf import pointer_text

_MANIFEST = "manifest.json"
_REGISTRY = "registry.json"


@dataclass(frozen=True)
class IntentVersion:
    name: str
    state: str
    """`champion`, `challenger`, `refused` or `retired`."""
    kept: bool
    """False once its files were deleted."""
    parent: str | None = None
    gate: Mapping[str, Any] | None = None
    events: Sequence[Mapping[str, Any]] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class IntentVersions:
    champion: str | None
    predecessor: str | None
    """Where a rollback goes."""
    versions: tuple[IntentVersion, ...]
    """Newest first."""


def read_intent_versions(intents_home: Path, collection: str) -> IntentVersions:
    """What can be read; a registry that cannot is passed over, for the folders still serve."""
    home = intents_home / collection
    serving = pointer_text(home / CURRENT) or None
    book = _json(home / _REGISTRY)
    told = {
        str(entry.get("version")): entry
        for entry in book.get("versions") or ()
        if isinstance(entry, Mapping)
    }
    names = sorted({*told, *_folders(home)}, reverse=True)
    versions = tuple(_version(home / name, told.get(name), serving) for name in names)
    line = [str(name) for name in book.get("line") or ()]
    before = line[: line.index(serving)] if serving in line else line
    return IntentVersions(serving, before[-1] if before else None, versions)


def _version(folder: Path, told: Mapping[str, Any] | None, serving: str | None) -> IntentVersion:
    story = told or {}
    state = str(story.get("state") or "retired")
    if folder.name == serving:
        state = "champion"
    elif state == "champion":
        state = "retired"
    manifest = _json(folder / _MANIFEST)
    return IntentVersion(
        name=folder.name,
        state=state,
        kept=bool(manifest),
        parent=story.get("parent"),
        gate=story.get("gate"),
        events=tuple(story.get("events") or ()),
        metrics=manifest.get("metrics") or {},
    )


def _folders(home: Path) -> list[str]:
    return [path.parent.name for path in home.glob(f"[!.]*/{_MANIFEST}")]


def _json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}
