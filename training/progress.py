"""Show how far a long job is, and when it will be done."""

from __future__ import annotations

import copy
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Watch(Protocol):
    def stage(self, name: str, total: int) -> None:
        """A new part of the job begins, with so many steps."""
        ...

    def advance(self, steps: int = 1, *, note: str = "") -> None: ...


class SilentWatch:
    def stage(self, name: str, total: int) -> None:
        return None

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        return None


class RichWatch:
    """One bar a stage, on the console it is given."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def stage(self, name: str, total: int) -> None:
        self._task = self._progress.add_task(name, total=total, note="")

    def another(self) -> RichWatch:
        """For a job at the same time: bars of its own among these."""
        other = copy.copy(self)
        other._task = None
        return other

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        if self._task is not None:
            self._progress.update(self._task, advance=steps, note=note)
