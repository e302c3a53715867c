"""A job: work that a worker does in the background, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Queue(StrEnum):
    INTERACTIVE = "interactive"
    """A person waits for it."""
    PRIVACY = "privacy"
    """Promises with a deadline: never behind a long training."""
    TRAINING = "training"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True)
class Job:
    id: str
    name: str
    """Of its kind, `kefu.privacy.purge`."""
    queue: Queue
    requested_by: str
    created_at: datetime
    arguments: Mapping[str, object] = field(default_factory=dict)
    """Identifiers and switches, never personal data."""
    state: JobState = JobState.QUEUED
    stage: str = ""
    done: int = 0
    total: int = 0
    attempts: int = 0
    """How often a worker began it."""
    result: Mapping[str, object] | None = None
    """Numbers and identifiers."""
    error: str | None = None
    """Why it failed, in one sentence."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
