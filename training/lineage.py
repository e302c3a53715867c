"""The versions of a collection's intent model and how each came to its place: values, no files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from training.verdict import GateResult


class State(StrEnum):
    CHAMPION = "champion"
    """Serves."""
    CHALLENGER = "challenger"
    """Trained, and not promoted yet."""
    REFUSED = "refused"
    """The gate found it worse than the champion of its day."""
    RETIRED = "retired"
    """Served once."""


class What(StrEnum):
    ADOPTED = "adopted"
    REGISTERED = "registered"
    JUDGED = "judged"
    PROMOTED = "promoted"
    REPLACED = "replaced"
    ROLLED_BACK = "rolled back"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Event:
    what: What
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Version:
    name: str
    state: State
    parent: str | None = None
    """The champion on whose rows it builds."""
    gate: GateResult | None = None
    events: tuple[Event, ...] = ()
    kept: bool = True
    """False once its files are deleted; its history stays."""

    def moved(self, state: State, event: Event) -> Self:
        return replace(self, state=state, events=(*self.events, event))


@dataclass(frozen=True)
class Lineage:
    versions: tuple[Version, ...] = ()
    """In the order in which they became known."""
    line: tuple[str, ...] = ()
    """The champions that are still on disk, oldest first; the last one serves."""

    @property
    def champion(self) -> str | None:
        return self.line[-1] if self.line else None

    @property
    def predecessor(self) -> str | None:
        """Where a rollback goes."""
        return self.line[-2] if len(self.line) > 1 else None

    def find(self, name: str) -> Version | None:
        return next((version for version in self.versions if version.name == name), None)

    def registered(self, version: Version) -> Self:
        """Twice is once. One that was found on disk before anybody registered it is learned of."""
        known = self.find(version.name)
        if known is None:
            return replace(self, versions=(*self.versions, version))
        if known.state is State.CHALLENGER and known.events[-1].what is What.ADOPTED:
            return self._with(version)
        return self

    def judged(self, name: str, gate: GateResult, event: Event) -> Self:
        version = self[name]
        if version.gate == gate:
            return self
        state = State.CHALLENGER if gate.passed else State.REFUSED
        return self._with(replace(version.moved(state, event), gate=gate))

    def crowned(self, name: str, event: Event) -> Self:
        if name == self.champion:
            return self
        book = self
        if self.champion is not None:
            book = book._retired(self.champion, replace(event, what=What.REPLACED, note=name))
        book = book._with(book[name].moved(State.CHAMPION, event))
        return replace(book, line=(*book.line, name))

    def stepped_back(self, event: Event) -> Self:
        """The champion makes room for its predecessor, which must exist."""
        *_, former, leaving = self.line
        book = self._retired(leaving, event)
        back = replace(event, what=What.PROMOTED, note=f"instead of {leaving}")
        book = book._with(book[former].moved(State.CHAMPION, back))
        return replace(book, line=self.line[:-1])

    def forgotten(self, names: Iterable[str], event: Event) -> Self:
        gone = set(names)
        book = self
        for name in gone:
            version = book[name]
            book = book._with(replace(version.moved(version.state, event), kept=False))
        return replace(book, line=tuple(name for name in book.line if name not in gone))

    def spare(self, keep: int) -> tuple[str, ...]:
        """What may be deleted: all but the newest `keep`, the champion and its predecessor."""
        kept = [version.name for version in self.versions if version.kept]
        newest = kept[len(kept) - keep :] if keep else []
        safe = {*newest, self.champion, self.predecessor}
        return tuple(name for name in kept if name not in safe)

    def __getitem__(self, name: str) -> Version:
        version = self.find(name)
        if version is None:
            raise KeyError(name)
        return version

    def _with(self, changed: Version) -> Self:
        return replace(
            self,
            versions=tuple(changed if v.name == changed.name else v for v in self.versions),
        )

    def _retired(self, name: str, event: Event) -> Self:
        return self._with(self[name].moved(State.RETIRED, event))
