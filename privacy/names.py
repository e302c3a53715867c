"""The seam to a trained model that finds people and addresses nobody announces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from privacy.entities import Span

TYPES = ("PERSON", "ADDRESS")


class NameFinder(Protocol):
    @property
    def version(self) -> str: ...

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """For each text its spans in order and without overlaps, of `TYPES` alone."""
        ...
