from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chatbot import child, supervisor
from chatbot.supervisor import Part, Supervisor

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def _watched(*parts: Part) -> Iterator[Supervisor]:
    watching = Supervisor(parts)
    watching.start()
    try:
        yield watching
    finally:
        watching.stop()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_dead_part_is_started_again_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.05)
    with _watched(Part("one", SLEEP), Part("two", SLEEP)) as watching:
        _until(lambda: len(watching.processes()) == 2)
        before = watching.processes()
        os.kill(before["one"], signal.SIGKILL)
        _until(lambda: watching.processes().get("one") not in (None, before["one"]))
        assert watching.processes()["two"] == before["two"]


def test_a_part_that_dies_at_once_is_tried_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[float] = []
    popen = supervisor.subprocess.Popen

    def count(*arguments: object, **options: object) -> object:
        starts.append(time.monotonic())
        return popen(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(supervisor.subprocess, "Popen", count)
    with _watched(Part("broken", (sys.executable, "-S", "-c", "raise SystemExit(1)"))):
        time.sleep(3)
    assert 2 <= len(starts) <= 4


def test_all_parts_end_with_it_also_those_that_do_not_want_to() -> None:
    with _watched(Part("one", SLEEP), Part("two", STUBBORN, patience_seconds=0.3)) as watching:
        _until(lambda: len(watching.processes()) == 2)
        processes = watching.processes().values()
    assert not any(map(_alive, processes))
    assert watching.processes() == {}


def test_a_child_whose_parent_is_gone_already_does_not_begin() -> None:
    command = child.command(*SLEEP, how=signal.SIGKILL)
    command[command.index(str(os.getpid()))] = "1"
    with _watched(Part("orphan", command)) as watching:
        _until(lambda: "orphan" in watching.processes())
        first = watching.processes()["orphan"]
        _until(lambda: watching.processes().get("orphan") != first)
