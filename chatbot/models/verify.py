"""Read every installed file again and compare it with models.lock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.progress import Progress

from chatbot.models.bars import bar
from chatbot.models.digest import sha256_of
from chatbot.models.errors import HASH_PREFIX
from chatbot.models.installed import model_directory
from chatbot.models.lock import Lock, LockedFile, load_lock


class FileState(StrEnum):
    OK = "ok"
    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True)
class Finding:
    model: str
    file: str
    state: FileState
    expected: str
    """SHA-256 in models.lock."""
    actual: str = ""
    """SHA-256 on disk; empty when there is no file."""

    def __str__(self) -> str:
        place = f"{self.model}/{self.file}"
        if self.state is FileState.OK:
            return f"{place}: ok"
        if self.state is FileState.MISSING:
            return f"{place}: missing (expected {self.expected[:HASH_PREFIX]})"
        return (
            f"{place}: changed, its SHA-256 begins {self.actual[:HASH_PREFIX]}, "
            f"expected {self.expected[:HASH_PREFIX]}"
        )


def verify(
    names: Iterable[str],
    *,
    home: Path,
    lock: Lock | None = None,
    progress: Progress | None = None,
) -> list[Finding]:
    """One finding a file of `names` (none: every locked model), in the order of the lock."""
    known = lock or load_lock()
    models = [known.model(name) for name in names] or list(known.models.values())
    findings = []
    for model in models:
        folder = model_directory(model.name, home=home)
        with bar(progress, f"{model.name}: checking", model.size) as shown:
            for file in model.files:
                findings.append(_finding(model.name, file, path=folder / file.name))
                shown.advance(file.size)
    return findings


def _finding(model: str, file: LockedFile, *, path: Path) -> Finding:
    if not path.is_file():
        return Finding(model, file.name, FileState.MISSING, file.sha256)
    actual = sha256_of(path)
    state = FileState.OK if actual == file.sha256 else FileState.CHANGED
    return Finding(model, file.name, state, file.sha256, actual)
