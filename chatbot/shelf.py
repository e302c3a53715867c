"""Collections and intent models, loaded once and exchanged while the product runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from knowledge_base.allocation import give_back

_log = structlog.get_logger()

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class _Copy(Generic[Loaded]):
    version: str
    value: Loaded


class Shelf(Generic[Loaded]):
    """Values by name, reloaded when `version_of(name)` says that a newer one is current.

    `broken` are the errors of a version that cannot be loaded: the one before goes on serving.
    Readers keep the value they hold: a turn that has begun ends with the version it began with.
    """

    def __init__(
        self,
        version_of: Callable[[str], str],
        load: Callable[[str, str], Loaded],
        *,
        broken: tuple[type[Exception], ...] = (),
    ) -> None:
        self._version_of = version_of
        self._load = load
        self._broken = broken
        self._copies: dict[str, _Copy[Loaded]] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Loaded:
        version = self._version_of(name)
        copy = self._copies.get(name)
        if copy is not None and copy.version == version:
            return copy.value
        with self._lock:
            copy = self._copies.get(name)
            if copy is None:
                copy = self._copies[name] = _Copy(version, self._load(name, version))
            elif copy.version != version:
                copy = self._copies[name] = self._newer(copy, name, version)
                # No name holds the one before any more, unless a turn still reads from it.
                give_back()
            return copy.value

    def _newer(self, copy: _Copy[Loaded], name: str, version: str) -> _Copy[Loaded]:
        """A version that does not load must not take down the one that serves.

        It is remembered under the new name, so that the next call does not try again.
        """
        try:
            return _Copy(version, self._load(name, version))
        except self._broken as error:
            _log.error("version_refused", name=name, version=version, error=type(error).__name__)
            return _Copy(version, copy.value)


def pointer_text(path: Path) -> str:
    """What a CURRENT file names, or an empty text when there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
