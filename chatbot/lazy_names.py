"""The installation's name model, loaded when the first text is read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import structlog

from chatbot.adapters.name_model import MANIFEST, NameModel
from privacy.entities import Span

_log = structlog.get_logger()
NONE = "none"


class LazyNames:
    """Satisfies `privacy.names.NameFinder`.

    A command that reads no text does not wait for the model. An installation that has trained none
    goes without, and says so once; a model that is there but broken raises NameModelInvalid
    at every text, for to go on without it would leave names in the open.
    """

    def __init__(self, directory: Path, encoder: Path) -> None:
        self._directory, self._encoder = directory, encoder
        self._model: NameModel | None = None
        self._looked = False
        self._one_loads = threading.Lock()

    @property
    def version(self) -> str:
        model = self._loaded()
        return NONE if model is None else model.version

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        model = self._loaded()
        return [[] for _ in texts] if model is None else model.find(texts)

    def _loaded(self) -> NameModel | None:
        if self._looked:
            return self._model
        with self._one_loads:
            first = not self._looked
            if first and (self._directory / MANIFEST).is_file():
                self._model = NameModel(self._directory, self._encoder)
            self._looked = True
        # What is logged is masked, and masking asks here again: not under the lock.
        if first and self._model is None:
            _log.warning("no_name_model", remedy="kefu train names")
        return self._model
