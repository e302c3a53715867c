"""Real worker processes on a real Valkey server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
from celery.beat import Scheduler

from chatbot import worker
from chatbot.adapters.broker_address import broker_address
from chatbot.adapters.database import connect, migrate
from chatbot.adapters.queue_celery import CeleryQueue
from chatbot.adapters.store_jobs import SqlJobs
from chatbot.clock import SystemClock
from chatbot.errors import SettingsInvalid
from chatbot.job_run import start_job
from chatbot.jobs import Job, JobState, Queue
from chatbot.settings import Settings
from chatbot.worker import RECOVER, SCHEDULES, make_app
from tests.chatbot.tiny_worker import TINY

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 30


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


@dataclass
class Yard:
    """A home with a database, a broker, and workers that tests start and kill."""

    settings: Settings
    store: SqlJobs
    queue: CeleryQueue
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def work(self) -> subprocess.Popen[bytes]:
        assert self.settings.redis_url is not None
        with (self.settings.home / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.chatbot.tiny_worker"],
                env={
                    **os.environ,
                    "KEFU_HOME": str(self.settings.home),
                    "KEFU_REDIS_URL": self.settings.redis_url.get_secret_value(),
                    "KEFU_WORKER_PROCESSES": "1",
                },
                cwd=ROOT,
                stderr=log,
                stdout=log,
            )
        self.workers.append(process)
        return process

    def start(self, name: str, **arguments: object) -> Job:
        return start_job(
            TINY[name],
            arguments,
            requested_by="a test",
            store=self.store,
            queue=self.queue,
            clock=SystemClock(),
        )

    def lines(self, name: str) -> list[str]:
        path = self.settings.home / name
        return path.read_text().splitlines() if path.is_file() else []

    def ended(self, job: Job) -> Job:
        until(lambda: self.now(job).state.over, f"{job.name} is over")
        return self.now(job)

    def now(self, job: Job) -> Job:
        found = self.store.find(job.id)
        assert found is not None
        return found


@pytest.fixture
def yard(broker_url: str, tmp_path: Path) -> Iterator[Yard]:
    settings = Settings.model_validate({"home": tmp_path, "redis_url": broker_url})
    engine = connect(settings.sqlalchemy_url)
    migrate(engine)
    address = broker_address(settings)
    with redis.Redis.from_url(address.redis) as client:
        client.flushall()
    yard = Yard(settings, SqlJobs(engine), CeleryQueue(address))
    yield yard
    for process in yard.workers:
        process.kill()
        process.wait()
    engine.dispose()


def test_a_job_is_done_by_a_worker_and_says_what_came_out(yard: Yard) -> None:
    yard.work()
    slow, broken = yard.start("test.slow"), yard.start("test.broken")
    polite, endless = yard.start("test.broken", politely=True), yard.start("test.endless")
    done = yard.ended(slow)
    assert done.state is JobState.DONE
    assert (done.stage, done.done, done.total, done.attempts) == ("Working", 8, 8, 1)
    assert done.result == {"steps": 8}
    assert yard.ended(polite).error == "The file is empty."
    assert "ValueError" in str(yard.ended(broken).error)
    assert "longer than 1 seconds" in str(yard.ended(endless).error)
    log = (yard.settings.home / "log").read_text()
    assert "job_failed" in log
    assert "secret words" not in log + str(yard.now(broken).error)


def test_a_job_whose_worker_is_killed_is_finished_by_the_next_one_once(yard: Yard) -> None:
    first = yard.work()
    job = yard.start("test.slow")
    until(lambda: yard.lines("begun") == [job.id], "it begins")
    first.kill()
    first.wait()
    time.sleep(1.2)
    assert yard.lines("ended") == [], "the worker's child lived on"
    assert yard.now(job).state is JobState.RUNNING
    yard.work()
    done = yard.ended(job)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert yard.lines("ended") == [job.id]


def test_a_killed_child_is_replaced_and_its_job_done_once(yard: Yard) -> None:
    first = yard.work()
    job = yard.start("test.slow")
    until(lambda: yard.lines("begun") == [job.id], "it begins")
    children = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    done = yard.ended(job)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert yard.lines("ended") == [job.id]


def test_a_message_that_comes_twice_does_its_job_once(yard: Yard) -> None:
    job = yard.start("test.slow")
    yard.queue.send(job)
    yard.work()
    assert yard.ended(job).attempts == 1
    other = yard.ended(yard.start("test.slow"))
    assert yard.lines("ended") == [job.id, other.id]


def test_everything_that_beat_starts_reaches_its_queue(yard: Yard) -> None:
    app = make_app(yard.settings)
    scheduler = Scheduler(app=app, lazy=True)
    scheduler.merge_inplace(app.conf.beat_schedule)
    assert set(scheduler.schedule) == {RECOVER, *SCHEDULES}
    for entry in scheduler.schedule.values():
        scheduler.apply_async(entry, advance=False)
    waiting = {queue.value: yard.queue.waiting(queue) for queue in Queue}
    assert waiting == {"interactive": 1, "privacy": 3, "training": 2}
    app.close()


def test_a_schedule_can_be_switched_off_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    settings = Settings.model_validate({"home": tmp_path, "schedule_retrain": ""})
    assert "kefu.training.retrain" not in make_app(settings).conf.beat_schedule
    wrong = Settings.model_validate({"home": tmp_path, "schedule_purge": "99 2 * * *"})
    with pytest.raises(SettingsInvalid, match="KEFU_SCHEDULE_PURGE"):
        make_app(wrong)


def test_the_module_gives_celery_its_application_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    assert "app" not in vars(worker)
    assert "kefu.training.retrain" in worker.app.tasks
    with pytest.raises(AttributeError):
        _ = worker.nothing
