"""Every JobStore keeps the same promises: the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from chatbot.adapters.store_jobs import SqlJobs
from chatbot.job_fakes import MemoryJobs
from chatbot.jobs import Job, JobState, Queue
from chatbot.ports import JobStore
from tests.databases import fresh_database

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobStore]:
    if request.param == "memory":
        yield MemoryJobs()
        return
    with fresh_database(request, tmp_path) as engine:
        yield SqlJobs(engine)


def _job(**changes: object) -> Job:
    job = Job(str(uuid4()), "kefu.test", Queue.TRAINING, "安娜", NOW, {"collection": "demo"})
    return replace(job, **changes)  # type: ignore[arg-type]


def test_a_job_comes_back_whole(store: JobStore) -> None:
    job = _job()
    assert store.add(job) == job
    assert store.find(job.id) == job
    assert store.find("nobody") is None


def test_a_job_added_twice_stays_as_it_is(store: JobStore) -> None:
    job = store.add(_job())
    store.begin(job.id, at=NOW)
    assert store.add(replace(job, name="other")) == store.find(job.id)


def test_every_attempt_is_counted_and_progress_is_seen(store: JobStore) -> None:
    job = store.add(_job())
    store.begin(job.id, at=NOW)
    begun = store.begin(job.id, at=LATER)
    store.progress(job.id, stage="训练", done=3, total=9)
    assert begun == replace(job, state=JobState.RUNNING, attempts=2, started_at=LATER)
    assert store.find(job.id) == replace(begun, stage="训练", done=3, total=9)


def test_what_is_over_stays_as_it_ended(store: JobStore) -> None:
    done, failed = store.add(_job()), store.add(_job())
    store.finish(done.id, at=LATER, result={"n": 1})
    store.fail(failed.id, at=LATER, error="It rained.")
    for job in (done, failed):
        assert store.begin(job.id, at=NOW) is None
        store.progress(job.id, stage="late", done=1, total=1)
        store.fail(job.id, at=NOW, error="late")
        store.finish(job.id, at=NOW, result={})
    ended = replace(done, state=JobState.DONE, finished_at=LATER, result={"n": 1})
    assert store.find(done.id) == ended
    found = store.find(failed.id)
    assert found is not None
    assert (found.state, found.error, found.finished_at) == (JobState.FAILED, "It rained.", LATER)


def test_recent_ones_come_newest_first_and_unfinished_ones_oldest_first(store: JobStore) -> None:
    old, new = store.add(_job()), store.add(_job(created_at=LATER))
    over = store.add(_job(created_at=LATER + timedelta(minutes=1)))
    store.fail(over.id, at=LATER, error="no")
    assert [job.id for job in store.recent(limit=2)] == [over.id, new.id]
    assert [job.id for job in store.unfinished()] == [old.id, new.id]


def test_attempts_that_begin_at_once_are_all_counted(store: JobStore) -> None:
    job = store.add(_job())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.begin(job.id, at=NOW), range(8)))
    found = store.find(job.id)
    assert found is not None
    assert found.attempts == 8


def test_one_job_added_by_many_is_one(store: JobStore) -> None:
    job = _job()
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda _: store.add(job), range(8)))
    assert kept == [job] * 8
    assert store.recent() == [job]
