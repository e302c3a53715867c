"""Real worker processes on a real Valkey server."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from celery.beat import Scheduler

from chatbot import worker
from chatbot.adapters.store_jobs import SqlJobs
from chatbot.errors import SettingsInvalid
from chatbot.jobs import JobState, Queue
from chatbot.settings import Settings
from chatbot.worker import RECOVER, SCHEDULES, make_app
from tests.chatbot.real_worker import Works, until
from tests.chatbot.tiny_worker import TINY
from tests.databases import sqlite_database

TINY_WORKER = (sys.executable, "-m", "tests.chatbot.tiny_worker")


@pytest.fixture
def yard(broker_url: str, tmp_path: Path) -> Iterator[Works]:
    settings = Settings.model_validate({"home": tmp_path, "redis_url": broker_url})
    with redis.Redis.from_url(broker_url) as client:
        client.flushall()
    engine = sqlite_database(tmp_path / "kefu.db")
    yard = Works(settings, engine, SqlJobs(engine), TINY, TINY_WORKER)
    yield yard
    yard.stop()
    engine.dispose()


def lines(yard: Works, name: str) -> list[str]:
    path = yard.settings.home / name
    return path.read_text().splitlines() if path.is_file() else []


def test_a_job_is_done_by_a_worker_and_says_what_came_out(yard: Works) -> None:
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
    log = yard.log.read_text()
    assert "job_failed" in log
    assert "secret words" not in log + str(yard.now(broken).error)


def test_a_job_whose_worker_is_killed_is_finished_by_the_next_one_once(yard: Works) -> None:
    first = yard.work()
    job = yard.start("test.slow")
    until(lambda: lines(yard, "begun") == [job.id], "it begins")
    first.kill()
    first.wait()
    time.sleep(1.2)
    assert lines(yard, "ended") == [], "the worker's child lived on"
    assert yard.now(job).state is JobState.RUNNING
    yard.work()
    done = yard.ended(job)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert lines(yard, "ended") == [job.id]


def test_a_killed_child_is_replaced_and_its_job_done_once(yard: Works) -> None:
    first = yard.work()
    job = yard.start("test.slow")
    until(lambda: lines(yard, "begun") == [job.id], "it begins")
    children = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    done = yard.ended(job)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert lines(yard, "ended") == [job.id]


def test_a_message_that_comes_twice_does_its_job_once(yard: Works) -> None:
    job = yard.start("test.slow")
    yard.queue.send(job)
    yard.work()
    assert yard.ended(job).attempts == 1
    other = yard.ended(yard.start("test.slow"))
    assert lines(yard, "ended") == [job.id, other.id]


def test_everything_that_beat_starts_reaches_its_queue(yard: Works) -> None:
    app = make_app(yard.settings)
    scheduler = Scheduler(app=app, lazy=True)
    scheduler.merge_inplace(app.conf.beat_schedule)
    assert set(scheduler.schedule) == {RECOVER, *SCHEDULES}
    for entry in scheduler.schedule.values():
        scheduler.apply_async(entry, advance=False)
    waiting = {queue.value: yard.queue.waiting(queue) for queue in Queue}
    assert waiting == {"interactive": 2, "privacy": 3, "training": 2}
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
