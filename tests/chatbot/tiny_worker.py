"""`python -m tests.chatbot.tiny_worker`: a real worker whose jobs do next to nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from chatbot.errors import InputInvalid
from chatbot.job_kinds import Assignment, JobKind
from chatbot.jobs import Queue
from chatbot.settings import load_settings
from chatbot.worker import run_worker

STEPS = 8
STEP_SECONDS = 0.1


def _slow(given: Assignment) -> Mapping[str, object]:
    """A line in `begun` for every attempt, one in `ended` for every attempt that came through."""
    notes = given.settings.home
    with (notes / "begun").open("a") as file:
        file.write(f"{given.job.id}\n")
    given.watch.stage("Working", STEPS)
    for _ in range(STEPS):
        time.sleep(STEP_SECONDS)
        given.watch.advance()
    with (notes / "ended").open("a") as file:
        file.write(f"{given.job.id}\n")
    return {"steps": STEPS}


def _broken(given: Assignment) -> Mapping[str, object]:
    if given.job.arguments.get("politely"):
        raise InputInvalid("The file is empty.")
    raise ValueError("secret words of a customer")


def _endless(given: Assignment) -> Mapping[str, object]:
    time.sleep(60)
    return {}


TINY = {
    kind.name: kind
    for kind in (
        JobKind("test.slow", Queue.PRIVACY, _slow, 30, ("Slow", "慢")),
        JobKind("test.broken", Queue.TRAINING, _broken, 30, ("Broken", "坏"), ("politely",)),
        JobKind("test.endless", Queue.PRIVACY, _endless, 1, ("Endless", "无尽")),
    )
}

if __name__ == "__main__":
    sys.exit(run_worker(load_settings(), TINY))
