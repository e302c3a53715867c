"""What is on disk, at a glance: by presence and size, without reading the weights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chatbot.models.errors import ModelMissing
from chatbot.models.lock import Lock, Model, load_lock


class State(StrEnum):
    READY = "ready"
    INCOMPLETE = "incomplete"
    ABSENT = "absent"


@dataclass(frozen=True)
class InstalledModel:
    name: str
    role: str
    licence: str
    size_bytes: int
    """Of the installed files, as models.lock says."""
    state: State


def model_directory(name: str, *, home: Path) -> Path:
    return home / "models" / name


def installed(*, home: Path, lock: Lock | None = None) -> list[InstalledModel]:
    """Every locked model, in the order of the lock. `verify` says whether the content is right."""
    return [
        InstalledModel(
            name=model.name,
            role=model.role,
            licence=model.licence,
            size_bytes=model.size,
            state=_state(model, home=home),
        )
        for model in (lock or load_lock()).models.values()
    ]


def require(name: str, *, home: Path, lock: Lock | None = None) -> Path:
    """The folder of an installed model; ModelMissing tells how to get it."""
    model = (lock or load_lock()).model(name)
    if missing := _missing(model, home=home):
        raise ModelMissing(name, missing)
    return model_directory(name, home=home)


def _state(model: Model, *, home: Path) -> State:
    missing = _missing(model, home=home)
    if not missing:
        return State.READY
    exists = model_directory(model.name, home=home).is_dir()
    return State.INCOMPLETE if exists else State.ABSENT


def _missing(model: Model, *, home: Path) -> list[str]:
    folder = model_directory(model.name, home=home)
    return [file.name for file in model.files if _size(folder / file.name) != file.size]


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1
