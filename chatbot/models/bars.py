"""One Rich progress bar for bytes, or none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.progress import Progress, TaskID


class Bar:
    def __init__(self, progress: Progress | None, task: TaskID | None) -> None:
        self._progress = progress
        self._task = task

    def advance(self, by: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, by)

    def reach(self, done: int, total: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, total=total)


@contextlib.contextmanager
def bar(progress: Progress | None, description: str, total: int | None = None) -> Iterator[Bar]:
    """A bar that disappears at the end; without a total it only says that work goes on."""
    if progress is None:
        yield Bar(None, None)
        return
    task = progress.add_task(description, total=total)
    try:
        yield Bar(progress, task)
    finally:
        progress.remove_task(task)
