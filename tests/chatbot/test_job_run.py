from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.adapters.job_locks import FileJobLocks
from chatbot.errors import BrokerUnavailable, InputInvalid, JobArgumentUnknown, StoreUnavailable
from chatbot.fakes import FixedClock
from chatbot.job_fakes import MemoryJobs, MemoryLocks, MemoryQueue
from chatbot.job_kinds import Assignment, JobKind
from chatbot.job_run import (
    MOST_ATTEMPTS,
    Hold,
    Shop,
    StoreWatch,
    new_job,
    recover_jobs,
    run_job,
    start_job,
)
from chatbot.jobs import Job, JobState, Queue
from chatbot.settings import Settings


class Killed(BaseException):
    """A worker that dies in the middle says nothing."""


@pytest.fixture(params=["memory", "file"])
def hold(request: pytest.FixtureRequest, tmp_path: Path) -> Hold:
    return MemoryLocks() if request.param == "memory" else FileJobLocks(tmp_path / "locks")


@pytest.fixture
def shop(tmp_path: Path, hold: Hold) -> Shop:
    return Shop(Settings(home=tmp_path, _env_file=None), MemoryJobs(), FixedClock(), hold)


def _kind(run: Callable[[Assignment], Mapping[str, object]] = lambda _: {"n": 1}) -> JobKind:
    summary = ("Test", "测试")
    return JobKind("t", Queue.PRIVACY, run, 9, summary, ("collection", "all"), ("collection",))


def _job(shop: Shop, kind: JobKind) -> Job:
    return new_job(kind, {"collection": "demo"}, requested_by="x", clock=shop.clock)


def _raise(error: BaseException) -> Callable[[Assignment], Mapping[str, object]]:
    def run(_given: Assignment) -> Mapping[str, object]:
        raise error

    return run


def test_a_job_runs_once_however_often_its_message_comes(shop: Shop) -> None:
    runs: list[str] = []
    kind = _kind(lambda given: runs.append(given.text("collection")) or {"n": 1})
    job = _job(shop, kind)
    first = run_job(job, kind, shop)
    assert (first.state, first.result, first.attempts) == (JobState.DONE, {"n": 1}, 1)
    assert run_job(job, kind, shop) == first
    assert runs == ["demo"]


def test_a_copy_that_comes_while_the_job_runs_is_dropped(shop: Shop) -> None:
    states: list[JobState] = []

    def run(given: Assignment) -> Mapping[str, object]:
        states.append(run_job(given.job, kind, shop).state)
        return {}

    kind = _kind(run)
    assert run_job(_job(shop, kind), kind, shop).attempts == 1
    assert states == [JobState.RUNNING]


def test_a_failure_is_one_sentence_and_final(shop: Shop) -> None:
    job = _job(shop, _kind())
    failed = run_job(job, _kind(_raise(InputInvalid("The file is empty."))), shop)
    assert (failed.state, failed.error) == (JobState.FAILED, "The file is empty.")
    assert run_job(job, _kind(), shop) == failed


def test_a_foreign_error_is_named_and_not_quoted(shop: Shop) -> None:
    failed = run_job(_job(shop, _kind()), _kind(_raise(ValueError("13800138000"))), shop)
    assert "ValueError" in str(failed.error)
    assert "13800138000" not in str(failed.error)


def test_a_job_that_always_kills_its_worker_is_given_up(shop: Shop) -> None:
    deadly = _kind(_raise(Killed()))
    job = _job(shop, deadly)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            run_job(job, deadly, shop)
    assert run_job(job, deadly, shop).state is JobState.FAILED


def test_an_unknown_or_missing_argument_is_refused(shop: Shop) -> None:
    with pytest.raises(JobArgumentUnknown, match="knows no 'wrong'"):
        _kind().check({"collection": "demo", "wrong": 1})
    with pytest.raises(JobArgumentUnknown, match="needs 'collection'"):
        _kind().check({})


def test_what_no_broker_takes_has_failed_and_says_so(shop: Shop) -> None:
    queue = MemoryQueue()
    queue.available = False
    with pytest.raises(BrokerUnavailable):
        _start(shop, queue)
    (job,) = shop.store.recent()
    assert job.state is JobState.FAILED
    assert "kefu serve" in str(job.error)


def test_a_job_whose_worker_died_is_sent_again(shop: Shop) -> None:
    queue, deadly = MemoryQueue(), _kind(_raise(Killed()))
    job = _job(shop, deadly)
    with pytest.raises(Killed):
        run_job(job, deadly, shop)
    assert _recover(shop, queue) == 1
    assert [sent.id for sent in queue.sent] == [job.id]
    # Its message waits now: no second one.
    assert _recover(shop, queue) == 0


def test_a_job_in_work_is_left_alone(shop: Shop) -> None:
    queue, counts = MemoryQueue(), []

    def run(_given: Assignment) -> Mapping[str, object]:
        counts.append(_recover(shop, queue))
        return {}

    kind = _kind(run)
    run_job(_job(shop, kind), kind, shop)
    assert counts == [0]


def test_a_message_that_was_lost_is_sent_again_after_a_while(shop: Shop) -> None:
    queue, clock = MemoryQueue(), shop.clock
    assert isinstance(clock, FixedClock)
    job = _start(shop, queue)
    queue.sent.clear()
    assert _recover(shop, queue) == 0
    clock.advance(60)
    assert _recover(shop, queue) == 1
    assert queue.sent == [job]


def test_work_goes_on_where_its_progress_cannot_be_written() -> None:
    class Deaf(MemoryJobs):
        def progress(self, job_id: str, *, stage: str, done: int, total: int) -> None:
            raise StoreUnavailable("away")

    watch = StoreWatch(Deaf(), "1")
    watch.stage("Working", 2)
    watch.advance()


def test_every_step_counts_though_not_every_one_is_written() -> None:
    store = MemoryJobs()
    job = store.add(replace(_job_row()))
    watch = StoreWatch(store, job.id)
    watch.stage("Working", 50)
    for _ in range(50):
        watch.advance()
    watch.flush()
    found = store.find(job.id)
    assert found is not None
    assert (found.done, found.total) == (50, 50)


def _job_row() -> Job:
    return Job("1", "t", Queue.PRIVACY, "x", FixedClock().now())


def _start(shop: Shop, queue: MemoryQueue) -> Job:
    return start_job(
        _kind(),
        {"collection": "demo"},
        requested_by="x",
        store=shop.store,
        queue=queue,
        clock=shop.clock,
    )


def _recover(shop: Shop, queue: MemoryQueue) -> int:
    return recover_jobs(shop.store, queue, hold=shop.hold, clock=shop.clock)
