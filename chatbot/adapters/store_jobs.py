"""Jobs in SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, RowMapping, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.adapters.tables import jobs
from chatbot.adapters.transactions import Transactions, utc
from chatbot.jobs import Job, JobState, Queue

_OPEN = (JobState.QUEUED.value, JobState.RUNNING.value)
ERROR_CHARACTERS = 512
STAGE_CHARACTERS = 128


class SqlJobs:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def add(self, job: Job) -> Job:
        kept = self.find(job.id)
        if kept is not None:
            return kept
        try:
            with self._transactions.writing() as connection:
                connection.execute(insert(jobs).values(_row(job)))
        except IntegrityError:
            # A redelivered message was quicker.
            return self.find(job.id) or job
        return job

    def find(self, job_id: str) -> Job | None:
        found = self._read(select(jobs).where(jobs.c.id == job_id))
        return found[0] if found else None

    def recent(self, *, limit: int = 50) -> list[Job]:
        return self._read(select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit))

    def unfinished(self) -> list[Job]:
        return self._read(select(jobs).where(jobs.c.state.in_(_OPEN)).order_by(jobs.c.created_at))

    def begin(self, job_id: str, *, at: datetime) -> Job | None:
        values = {
            "state": JobState.RUNNING.value,
            "attempts": jobs.c.attempts + 1,
            "started_at": at,
        }
        return self.find(job_id) if self._change(job_id, values) else None

    def progress(self, job_id: str, *, stage: str, done: int, total: int) -> None:
        values = {"stage": stage[:STAGE_CHARACTERS], "done": done, "total": total}
        self._change(job_id, values)

    def finish(self, job_id: str, *, at: datetime, result: Mapping[str, object]) -> None:
        state = JobState.DONE.value
        self._change(job_id, {"state": state, "finished_at": at, "result": dict(result)})

    def fail(self, job_id: str, *, at: datetime, error: str) -> None:
        state, sentence = JobState.FAILED.value, error[:ERROR_CHARACTERS]
        self._change(job_id, {"state": state, "finished_at": at, "error": sentence})

    def _change(self, job_id: str, values: dict[str, Any]) -> bool:
        """What is over stays as it ended."""
        statement = update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_(_OPEN))
        with self._transactions.writing() as connection:
            return bool(connection.execute(statement.values(values)).rowcount)

    def _read(self, query: Select[Any]) -> list[Job]:
        with self._transactions.reading() as connection:
            return [_job(row) for row in connection.execute(query).mappings()]


def _row(job: Job) -> dict[str, Any]:
    return asdict(job) | {"queue": job.queue.value, "state": job.state.value}


def _job(row: RowMapping) -> Job:
    started, finished = row["started_at"], row["finished_at"]
    return Job(
        **dict(row)
        | {
            "queue": Queue(row["queue"]),
            "state": JobState(row["state"]),
            "created_at": utc(row["created_at"]),
            "started_at": None if started is None else utc(started),
            "finished_at": None if finished is None else utc(finished),
        }
    )
