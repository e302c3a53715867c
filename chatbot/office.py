"""Where the people of the company work: everything that the console stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatbot.api_keys import ApiKeyStore
from chatbot.assist import AssistStore
from chatbot.handoff import HandoffStore
from chatbot.happenings import EventStore
from chatbot.job_kinds import Kinds
from chatbot.labelling import LabelStore
from chatbot.people import FrontDoor, UserStore
from chatbot.ports import JobQueue, JobStore
from chatbot.reports import ReportStore


@dataclass(frozen=True)
class Office:
    door: FrontDoor
    users: UserStore
    api_keys: ApiKeyStore
    handoffs: HandoffStore
    events: EventStore
    assists: AssistStore
    labels: LabelStore
    reports: ReportStore
    jobs: JobStore
    queue: Callable[[], JobQueue]
    """Called when a job is started: the broker may have come up since. Raises KefuError."""
    kinds: Callable[[], Kinds]
