"""Processes that live and die with this one; a dead one is started again."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import structlog

_log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""Who lived so long was well: the next death is a new story."""
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Part:
    name: str
    command: Sequence[str]
    patience_seconds: float = 5.0
    """Between the wish to end and the kill."""


@dataclass
class _Child:
    part: Part
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_seconds: float = FIRST_PAUSE_SECONDS
    due_at: float = field(default=0.0)


class Supervisor:
    """Parts start in order and stop in reverse.

    One thread starts them all and lives as long as they do: the kernel counts the death of the
    starting thread as the death of the parent.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._children = [_Child(part) for part in parts]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def processes(self) -> dict[str, int]:
        """Process ids of the parts that run."""
        return {
            child.part.name: child.process.pid
            for child in self._children
            if child.process is not None and child.process.poll() is None
        }

    def _run(self) -> None:
        while not self._stopping.is_set():
            for child in self._children:
                self._look_after(child)
            self._stopping.wait(_LOOK_SECONDS)
        for child in reversed(self._children):
            _end(child)

    def _look_after(self, child: _Child) -> None:
        now = monotonic()
        if child.process is None:
            if now >= child.due_at:
                _start(child)
        elif child.process.poll() is not None:
            if now - child.started_at > STEADY_SECONDS:
                child.pause_seconds = FIRST_PAUSE_SECONDS
            _log.warning(
                "part_died",
                part=child.part.name,
                code=child.process.returncode,
                again_in_seconds=child.pause_seconds,
            )
            child.process, child.due_at = None, now + child.pause_seconds
            child.pause_seconds = min(2 * child.pause_seconds, LONGEST_PAUSE_SECONDS)


def _start(child: _Child) -> None:
    child.started_at = monotonic()
    # A session of its own: Ctrl+C reaches this process alone, which ends the others in order.
    child.process = subprocess.Popen(
        child.part.command, stdin=subprocess.DEVNULL, start_new_session=True
    )


def _end(child: _Child) -> None:
    if child.process is None:
        return
    with suppress(ProcessLookupError):
        child.process.terminate()
    try:
        child.process.wait(child.part.patience_seconds)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
