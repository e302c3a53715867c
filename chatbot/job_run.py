"""Start a job, run it, and find those whose worker died.

The row in the store is the truth, the broker only carries messages: one that is delivered twice
finds its job done or in work and is dropped, one that is lost is sent again by `recover_jobs`.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from uuid import uuid4

import structlog

from chatbot.errors import BrokerUnavailable, KefuError, StoreUnavailable
from chatbot.job_kinds import Assignment, JobKind
from chatbot.jobs import Job, JobState
from chatbot.ports import Clock, JobQueue, JobStore
from chatbot.settings import Settings
from knowledge_base.errors import KnowledgeError
from privacy.errors import PrivacyError

_log = structlog.get_logger()

Hold = Callable[[str], AbstractContextManager[bool]]
"""Takes the lock of a job; gives False where another process has it. Death frees it."""

MOST_ATTEMPTS = 3
GRACE = timedelta(seconds=30)
"""A message that was just sent needs a moment before it counts as lost."""
_STEPS_SECONDS = 0.5


@dataclass(frozen=True)
class Shop:
    """What running a job needs."""

    settings: Settings
    store: JobStore
    clock: Clock
    hold: Hold


def new_job(
    kind: JobKind, arguments: Mapping[str, object], *, requested_by: str, clock: Clock
) -> Job:
    """Raises JobArgumentUnknown."""
    kind.check(arguments)
    return Job(str(uuid4()), kind.name, kind.queue, requested_by, clock.now(), dict(arguments))


def start_job(
    kind: JobKind,
    arguments: Mapping[str, object],
    *,
    requested_by: str,
    store: JobStore,
    queue: JobQueue,
    clock: Clock,
) -> Job:
    """Leave it to a worker. Raises JobArgumentUnknown, BrokerUnavailable, StoreUnavailable."""
    job = store.add(new_job(kind, arguments, requested_by=requested_by, clock=clock))
    try:
        queue.send(job)
    except BrokerUnavailable as error:
        store.fail(job.id, at=clock.now(), error=str(error))
        raise
    return job


def run_job(job: Job, kind: JobKind, shop: Shop) -> Job:
    """The job as it is afterwards; nothing happens where it is over, or in another's hands."""
    kept = shop.store.add(job)
    with shop.hold(job.id) as mine:
        begun = shop.store.begin(job.id, at=shop.clock.now()) if mine else None
        if begun is None:
            return shop.store.find(job.id) or kept
        if begun.attempts > MOST_ATTEMPTS:
            sentence = f"The worker died {MOST_ATTEMPTS} times while it did this job."
            shop.store.fail(job.id, at=shop.clock.now(), error=sentence)
        else:
            _attempt(begun, kind, shop)
    return shop.store.find(job.id) or begun


def recover_jobs(store: JobStore, queue: JobQueue, *, hold: Hold, clock: Clock) -> int:
    """Send those again that nobody works on and no message carries; how many."""
    lost = [job for job in store.unfinished() if _abandoned(job, hold, clock)]
    waiting = Counter({name: queue.waiting(name) for name in {job.queue for job in lost}})
    # A message still in the queue may be one of theirs: the next round will tell.
    again = [job for job in lost if waiting[job.queue] == 0]
    for job in again:
        queue.send(job)
    if again:
        _log.info("jobs_sent_again", count=len(again))
    return len(again)


def _abandoned(job: Job, hold: Hold, clock: Clock) -> bool:
    if job.state is JobState.QUEUED:
        return clock.now() - job.created_at > GRACE
    with hold(job.id) as free:
        return free


def _attempt(job: Job, kind: JobKind, shop: Shop) -> None:
    watch = StoreWatch(shop.store, job.id)
    try:
        result = kind.run(Assignment(shop.settings, job, watch))
    except (KefuError, KnowledgeError, PrivacyError) as error:
        _give_up(job, shop, str(error), error)
    except Exception as error:  # noqa: BLE001 - the edge of the worker: a job may break, it may not
        sentence = f"Something broke inside ({type(error).__name__}): see the worker's log."
        _give_up(job, shop, sentence, error)
    else:
        watch.flush()
        shop.store.finish(job.id, at=shop.clock.now(), result=result)
        _log.info("job_done", name=job.name, job=job.id, attempts=job.attempts)


def _give_up(job: Job, shop: Shop, sentence: str, error: Exception) -> None:
    # Lines of code only: the text of a foreign error may quote a customer.
    frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("job_failed", name=job.name, job=job.id, error=type(error).__name__, at=frames[-4:])
    shop.store.fail(job.id, at=shop.clock.now(), error=sentence)


class StoreWatch:
    """Progress into the job's row, at most twice a second."""

    def __init__(self, store: JobStore, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._stage = ""
        self._done = self._total = 0
        self._written_at = 0.0

    def stage(self, name: str, total: int) -> None:
        self._stage, self._done, self._total = name, 0, total
        self.flush()

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self._done += steps
        if monotonic() - self._written_at >= _STEPS_SECONDS:
            self.flush()

    def flush(self) -> None:
        self._written_at = monotonic()
        try:
            self._store.progress(
                self._job_id, stage=self._stage, done=self._done, total=self._total
            )
        except StoreUnavailable:
            # The work counts, not the bar.
            _log.warning("job_progress_not_written", job=self._job_id)
