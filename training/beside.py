"""A second job in a process of its own, whose progress is shown by this one.

For what keeps one processor busy at most, beside work that leaves some of them idle.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from chatbot.errors import KefuError
from training.errors import ProcessLost
from training.progress import Watch

Result = TypeVar("Result")

PAUSE_SECONDS = 0.1
"""Between two reports of steps: one for each would cost more than many a step."""


@contextmanager
def beside(
    job: Callable[..., Result], *arguments: Any, watch: Watch, **options: Any
) -> Iterator[Callable[[], Result]]:
    """Start the job, which is over when this ends, done or not; what is yielded waits for it and
    gives its result. The other process imports the job by its name, and gives it a `watch`.

    That raises the KefuError or OSError that the job raised, and ProcessLost where it ended
    without a word.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(theirs, job, arguments, options), name=job.__qualname__, daemon=True
    )
    process.start()
    # Only the other process has an end to write to now, so that its death is heard.
    theirs.close()
    with ours, ThreadPoolExecutor(max_workers=1) as listener:
        heard = listener.submit(_listen, ours, watch, job.__qualname__)
        try:
            yield heard.result
        finally:
            process.terminate()
            process.join()


def _listen(ours: Connection, watch: Watch, name: str) -> Any:
    while True:
        try:
            kind, content = ours.recv()
        except (EOFError, OSError):
            raise ProcessLost(name) from None
        if kind == "stage":
            watch.stage(*content)
        elif kind == "steps":
            steps, note = content
            watch.advance(steps, note=note)
        elif kind == "failed":
            raise content
        else:
            return content


def _work(theirs: Connection, job: Callable[..., object], arguments: Any, options: Any) -> None:
    # An interrupt is meant for the process that started this one, which then ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sender = _Sender(theirs)
    try:
        outcome = "done", job(*arguments, watch=sender, **options)
    except (KefuError, OSError) as error:
        outcome = "failed", error
    sender.flush()
    theirs.send(outcome)


class _Sender:
    def __init__(self, theirs: Connection) -> None:
        self._theirs = theirs
        self._steps, self._note = 0, ""
        self._sent = time.monotonic()

    def stage(self, name: str, total: int) -> None:
        self.flush()
        self._theirs.send(("stage", (name, total)))

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self._steps += steps
        self._note = note
        if time.monotonic() - self._sent >= PAUSE_SECONDS:
            self.flush()

    def flush(self) -> None:
        if self._steps:
            self._theirs.send(("steps", (self._steps, self._note)))
        self._steps = 0
        self._sent = time.monotonic()
