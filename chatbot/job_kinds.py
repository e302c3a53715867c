"""Which jobs there are. Packages above add theirs through the entry point group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol

from chatbot.errors import JobArgumentUnknown, JobKindUnknown
from chatbot.jobs import Job, Queue
from chatbot.settings import Settings

TASKS = "kefu.tasks"


class Watch(Protocol):
    def stage(self, name: str, total: int) -> None:
        """A new part of the job begins, with so many steps."""
        ...

    def advance(self, steps: int = 1, *, note: str = "") -> None: ...


@dataclass(frozen=True)
class Assignment:
    """What a worker is given."""

    settings: Settings
    job: Job
    watch: Watch

    def text(self, name: str, default: str = "") -> str:
        return str(self.job.arguments.get(name) or default)


@dataclass(frozen=True)
class JobKind:
    name: str
    queue: Queue
    run: Callable[[Assignment], Mapping[str, object]]
    """Returns what came out, in numbers and identifiers.

    It may be called again after it was killed half-way, with the same job id: it then goes on or
    does over what harms nothing.
    """
    limit_seconds: int
    """A worker that needs longer is stopped."""
    summary: tuple[str, str]
    """English, Chinese."""
    arguments: tuple[str, ...] = ()
    """Names it understands."""
    required: tuple[str, ...] = ()

    def check(self, arguments: Mapping[str, object]) -> None:
        """Raises JobArgumentUnknown."""
        for name in arguments:
            if name not in self.arguments:
                raise JobArgumentUnknown(self.name, name, self.arguments)
        for name in self.required:
            if not arguments.get(name):
                raise JobArgumentUnknown(self.name, name, self.arguments, missing=True)


Kinds = Mapping[str, JobKind]


def load_kinds() -> Kinds:
    """Every installed kind by its name."""
    kinds = [
        kind
        for entry_point in sorted(entry_points(group=TASKS), key=lambda point: point.name)
        for kind in entry_point.load()()
    ]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}


def kind_named(kinds: Kinds, name: str) -> JobKind:
    """Raises JobKindUnknown."""
    try:
        return kinds[name]
    except KeyError:
        raise JobKindUnknown(name, tuple(kinds)) from None
