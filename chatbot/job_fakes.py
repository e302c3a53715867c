"""In-memory ports of the background work, shipped: for tests and one process alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from chatbot.errors import BrokerUnavailable
from chatbot.jobs import Job, JobState, Queue


class MemoryJobs:
    """Forgets everything with the process."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def add(self, job: Job) -> Job:
        return self._jobs.setdefault(job.id, job)

    def find(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def recent(self, *, limit: int = 50) -> list[Job]:
        ordered = sorted(self._jobs.values(), key=lambda job: job.id)
        return sorted(ordered, key=lambda job: job.created_at, reverse=True)[:limit]

    def unfinished(self) -> list[Job]:
        found = [job for job in self._jobs.values() if not job.state.over]
        return sorted(found, key=lambda job: job.created_at)

    def begin(self, job_id: str, *, at: datetime) -> Job | None:
        return self._change(
            job_id,
            lambda job: replace(
                job, state=JobState.RUNNING, attempts=job.attempts + 1, started_at=at
            ),
        )

    def progress(self, job_id: str, *, stage: str, done: int, total: int) -> None:
        self._change(job_id, lambda job: replace(job, stage=stage, done=done, total=total))

    def finish(self, job_id: str, *, at: datetime, result: Mapping[str, object]) -> None:
        self._change(
            job_id,
            lambda job: replace(job, state=JobState.DONE, finished_at=at, result=dict(result)),
        )

    def fail(self, job_id: str, *, at: datetime, error: str) -> None:
        self._change(
            job_id, lambda job: replace(job, state=JobState.FAILED, finished_at=at, error=error)
        )

    def _change(self, job_id: str, change: Callable[[Job], Job]) -> Job | None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state.over:
                return None
            self._jobs[job_id] = change(job)
            return self._jobs[job_id]


class MemoryQueue:
    """`sent` holds what a worker would take; `available` switches the broker off."""

    def __init__(self) -> None:
        self.sent: list[Job] = []
        self.available = True

    def send(self, job: Job) -> None:
        self._check()
        self.sent.append(job)

    def waiting(self, queue: Queue) -> int:
        self._check()
        return sum(job.queue is queue for job in self.sent)

    def _check(self) -> None:
        if not self.available:
            raise BrokerUnavailable("switched off")


class MemoryLocks:
    def __init__(self) -> None:
        self._held: set[str] = set()

    @contextmanager
    def __call__(self, job_id: str) -> Iterator[bool]:
        if job_id in self._held:
            yield False
            return
        self._held.add(job_id)
        try:
            yield True
        finally:
            self._held.discard(job_id)


class MemoryEvents:
    """Wakes those who wait in the same process."""

    def __init__(self) -> None:
        self._waiters: dict[str, set[Callable[[], None]]] = {}
        self._lock = threading.Lock()

    def publish(self, channel: str) -> None:
        with self._lock:
            waiters = list(self._waiters.get(channel, ()))
        for wake in waiters:
            wake()

    def wait(self, channel: str, *, timeout_seconds: float) -> bool:
        bell = threading.Event()
        with self._waiting(channel, bell.set):
            return bell.wait(timeout_seconds)

    async def arrival(self, channel: str, *, timeout_seconds: float) -> bool:
        bell, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            # A loop that is closing needs no waking.
            if not loop.is_closed():
                loop.call_soon_threadsafe(bell.set)

        with self._waiting(channel, wake):
            try:
                await asyncio.wait_for(bell.wait(), timeout_seconds)
            except TimeoutError:
                return False
            return True

    @contextmanager
    def _waiting(self, channel: str, wake: Callable[[], None]) -> Iterator[None]:
        with self._lock:
            self._waiters.setdefault(channel, set()).add(wake)
        try:
            yield
        finally:
            with self._lock:
                waiters = self._waiters[channel]
                waiters.discard(wake)
                if not waiters:
                    del self._waiters[channel]

    def close(self) -> None:
        return None
