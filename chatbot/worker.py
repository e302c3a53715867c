"""The Celery application: thin tasks over the kinds of jobs, and when beat starts them.

Prefork, because only processes can be stopped at a time limit, give their memory back and be
killed without taking the worker along. The parent loads no model and opens no database; the
children do at their first job.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery, signals
from celery.exceptions import CPendingDeprecationWarning, SoftTimeLimitExceeded
from celery.platforms import SecurityWarning
from celery.schedules import ParseException, crontab

from chatbot.adapters.broker_address import broker_address
from chatbot.adapters.broker_redis import RedisBroker
from chatbot.adapters.database import connect, migrate
from chatbot.adapters.job_locks import FileJobLocks
from chatbot.adapters.queue_celery import CeleryQueue, make_celery
from chatbot.adapters.store_jobs import SqlJobs
from chatbot.child import die_with_parent
from chatbot.clock import SystemClock
from chatbot.detection import configure_detection
from chatbot.errors import (
    BrokerUnavailable,
    JobTooLong,
    KefuError,
    SettingsInvalid,
    StoreUnavailable,
)
from chatbot.job_kinds import Assignment, JobKind, Kinds, load_kinds
from chatbot.job_run import Shop, recover_jobs, run_job
from chatbot.jobs import Job, Queue
from chatbot.logs import configure_logging
from chatbot.settings import Settings, load_settings
from privacy.errors import PrivacyError

_log = structlog.get_logger()

RECOVER = "kefu.jobs.recover"
RECOVER_SECONDS = 30
SCHEDULES = {
    "kefu.privacy.anonymise": "schedule_anonymise",
    "kefu.privacy.purge": "schedule_purge",
    "kefu.knowledge.refresh": "schedule_refresh",
    "kefu.training.collect": "schedule_collect",
    "kefu.training.retrain": "schedule_retrain",
    "kefu.audit.report": "schedule_audit",
}
_BEAT_NOTES = "beat"
_BEAT_SECONDS = 600
_STALE = timedelta(hours=12)
_LAST_WORDS_SECONDS = 30
"""Between the polite time limit and the kill."""
_CHILD_KIBIBYTES = 400_000
"""A child that has grown beyond is replaced after its job: training leaves gigabytes."""


def __getattr__(name: str) -> Celery:
    """`celery -A chatbot.worker` asks for `app`; nobody else pays for it."""
    if name == "app":
        return make_app(load_settings())
    raise AttributeError(name)


def make_app(settings: Settings, kinds: Kinds | None = None) -> Celery:
    """Raises SettingsInvalid for a schedule that is none, CustomTypesInvalid for wrong types."""
    configure_detection(settings)
    kinds = load_kinds() if kinds is None else kinds
    app = make_celery(broker_address(settings))
    app.conf.update(
        worker_max_memory_per_child=_CHILD_KIBIBYTES,
        task_routes={kind.name: {"queue": kind.queue.value} for kind in kinds.values()},
        beat_schedule=_schedule(settings, kinds),
        beat_schedule_filename=str(settings.run_home / _BEAT_NOTES),
    )
    workshop = _Workshop(settings)
    for kind in kinds.values():
        _add_task(app, kind, workshop)
    _add_recovery(app, workshop)
    return app


def run_worker(settings: Settings, kinds: Kinds | None = None) -> int:
    """Work until told to stop; the exit code."""
    app = make_app(settings, kinds)
    broker = RedisBroker(broker_address(settings))
    _use_our_log()
    signals.heartbeat_sent.connect(lambda **_: broker.say_alive(), weak=False)
    signals.worker_process_init.connect(_bind_to_worker, weak=False)
    signals.worker_ready.connect(lambda **_: _ask_for_recovery(app), weak=False)
    worker = app.Worker(
        pool="prefork",
        concurrency=settings.worker_processes,
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def command(role: str) -> list[str]:
    """The command line of a worker or of beat that has imported no more than it needs."""
    return [sys.executable, "-m", "chatbot.worker", role]


def main() -> None:
    parser = argparse.ArgumentParser(description="A worker, the clock that gives it work, a look.")
    parser.add_argument("role", choices=["worker", "beat", "check-worker", "check-beat"])
    role = parser.parse_args().role
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        if role == "worker":
            sys.exit(run_worker(settings))
        elif role == "beat":
            run_beat(settings)
        elif not (_worker_lives(settings) if role == "check-worker" else _beat_lives(settings)):
            sys.exit(1)
    except (KefuError, PrivacyError) as error:
        sys.exit(f"kefu {role}: {error}")


def run_beat(settings: Settings) -> None:
    """Start jobs by the clock until told to stop; one of it per installation."""
    settings.run_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _use_our_log()
    make_app(settings).Beat(quiet=True).run()


def _worker_lives(settings: Settings) -> bool:
    return RedisBroker(broker_address(settings)).has_worker()


def _beat_lives(settings: Settings) -> bool:
    """It notes every few minutes what it has started."""
    notes = settings.run_home.glob(f"{_BEAT_NOTES}*")
    return any(time.time() - note.stat().st_mtime < _BEAT_SECONDS for note in notes)


class _Workshop:
    """What tasks need, opened at the first task of each process: connections do not survive
    a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: tuple[int, Shop] | None = None

    def shop(self) -> Shop:
        if self._opened is None or self._opened[0] != os.getpid():
            engine = connect(self._settings.sqlalchemy_url)
            migrate(engine)
            shop = Shop(
                settings=self._settings,
                store=SqlJobs(engine),
                clock=SystemClock(),
                hold=FileJobLocks(self._settings.run_home / "jobs"),
            )
            self._opened = os.getpid(), shop
        return self._opened[1]

    def recover(self) -> None:
        """Sends jobs again whose worker died, or whose message was lost."""
        queue = CeleryQueue(broker_address(self._settings))
        try:
            shop = self.shop()
            recover_jobs(shop.store, queue, hold=shop.hold, clock=shop.clock)
        except (BrokerUnavailable, StoreUnavailable) as error:
            _log.warning("jobs_not_recovered", error=type(error).__name__)


def _add_task(app: Celery, kind: JobKind, workshop: _Workshop) -> None:
    def perform(task: Any, arguments: Mapping[str, object], requested_by: str) -> None:
        shop = workshop.shop()
        job = Job(
            task.request.id, kind.name, kind.queue, requested_by, shop.clock.now(), dict(arguments)
        )
        run_job(job, replace(kind, run=lambda given: _in_time(kind, given)), shop)

    app.task(
        perform,
        name=kind.name,
        bind=True,
        shared=False,
        soft_time_limit=kind.limit_seconds,
        time_limit=kind.limit_seconds + _LAST_WORDS_SECONDS,
    )


def _add_recovery(app: Celery, workshop: _Workshop) -> None:
    def recover() -> None:
        workshop.recover()

    app.task(recover, name=RECOVER, shared=False)


def _in_time(kind: JobKind, given: Assignment) -> Mapping[str, object]:
    try:
        return kind.run(given)
    except SoftTimeLimitExceeded:
        raise JobTooLong(kind.limit_seconds) from None


def _schedule(settings: Settings, kinds: Kinds) -> dict[str, dict[str, object]]:
    entries: dict[str, dict[str, object]] = {
        RECOVER: {
            "task": RECOVER,
            "schedule": RECOVER_SECONDS,
            "options": {"queue": Queue.INTERACTIVE.value, "expires": RECOVER_SECONDS},
        }
    }
    for name, setting in SCHEDULES.items():
        text = getattr(settings, setting)
        if not text or name not in kinds:
            continue
        try:
            when = crontab.from_string(text)
        except (ParseException, ValueError, KeyError):
            raise SettingsInvalid(
                f"KEFU_{setting.upper()} is no time table: write minute hour day month weekday, "
                f"as in '10 2 * * *'; {text!r} is none."
            ) from None
        entries[name] = {
            "task": name,
            "schedule": when,
            "kwargs": {"arguments": {}, "requested_by": "schedule"},
            # Nights that a stopped worker missed are not made up for one by one.
            "options": {"queue": kinds[name].queue.value, "expires": _STALE.total_seconds()},
        }
    return entries


def _ask_for_recovery(app: Celery) -> None:
    app.send_task(RECOVER, queue=Queue.INTERACTIVE.value, expires=RECOVER_SECONDS)


def _bind_to_worker(**_: object) -> None:
    die_with_parent(signal.SIGKILL)


def _use_our_log() -> None:
    """Celery's own words go where ours go, without the texts of foreign errors."""
    signals.setup_logging.connect(_take_over_log, weak=False)
    # It warns root of pickled messages; ours are JSON alone.
    warnings.simplefilter("ignore", SecurityWarning)
    # A job that loses the broker is finished, and its second message dropped.
    warnings.simplefilter("ignore", CPendingDeprecationWarning)


def _take_over_log(**_: object) -> None:
    logging.basicConfig(level=logging.WARNING, handlers=[_OurLog()], force=True)


class _OurLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0] if record.exc_info else None
        _log.log(
            record.levelno,
            "worker",
            logger=record.name,
            text=str(record.msg),
            error=error.__name__ if error else None,
        )


if __name__ == "__main__":
    main()
