"""Seams: what the use cases need from the outside, said in their own words.

Each Protocol has a shipped fake in `chatbot.fakes` and one contract test in `tests/contracts`
that runs against every implementation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from chatbot.conversation import Conversation, Message, Turn, Understanding
from chatbot.flows.form import ActionResult
from chatbot.generation import ChatMessage, GenerationOptions, Pieces
from chatbot.jobs import Job, Queue
from knowledge_base.explanation import Explanation
from knowledge_base.passages import Filter, Hit


class IntentModel(Protocol):
    @property
    def version(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]:
        """In-scope intents."""
        ...

    def understand(self, texts: Sequence[str]) -> list[Understanding]:
        """One result a text, in order; an empty sequence gives an empty list."""
        ...


class Retriever(Protocol):
    @property
    def version(self) -> str: ...

    def search(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        limit: int = 5,
        only: Filter | None = None,
    ) -> list[Hit]:
        """Best first, one passage a document, scores in [0, 1].

        `hints` maps a tag to the probability that the query is about it. `only` is applied before
        ranking: `limit` hits come back where so many documents are admitted and found.
        """
        ...


@runtime_checkable
class Explainer(Retriever, Protocol):
    """A retriever that can say how it came to what it found."""

    def explain(
        self,
        query: str,
        *,
        hints: Mapping[str, float],
        limit: int = 5,
        shown: int = 20,
        only: Filter | None = None,
    ) -> Explanation:
        """`limit` is that of the search, `shown` the number of candidates explained."""
        ...


class Generator(Protocol):
    @property
    def version(self) -> str: ...

    def stream(self, messages: Sequence[ChatMessage], *, options: GenerationOptions) -> Pieces:
        """The answer to the last message, in pieces that are never empty.

        Closing the iterator stops the work. Raises GeneratorUnavailable, at the latest on the
        way; what came before it is not a whole answer then.
        """
        ...


class ConversationStore(Protocol):
    def open(self, conversation: Conversation) -> None: ...

    def find(self, conversation_id: str) -> Conversation | None: ...

    def close(self, conversation_id: str, *, at: datetime) -> None: ...

    def request_handoff(self, conversation_id: str, *, reason: str = "request_human") -> None:
        """The conversation waits for a person, unless it does already or has one."""
        ...

    def record(self, turn: Turn) -> Turn:
        """Keep the turn; if its client_message_id is known already, return the turn kept then.

        A turn that hands off marks its conversation in the same step. The original is sealed on
        the way in and not part of what comes back. Raises TakenOver where an agent has the
        conversation by now: the question is kept, once, and nothing else of the turn; and
        ConversationClosed.
        """
        ...

    def add_message(self, message: Message) -> Message:
        """Keep a message that the bot does not answer; known, sealed or late as in `record`."""
        ...

    def find_message(self, conversation_id: str, client_message_id: str) -> Message | None: ...

    def messages(self, conversation_id: str) -> list[Message]:
        """All that was said, whoever said it, oldest first."""
        ...

    def find_turn(self, conversation_id: str, client_message_id: str) -> Turn | None: ...

    def turns(self, conversation_id: str) -> list[Turn]:
        """Oldest first."""
        ...

    def add_feedback(
        self, conversation_id: str, message_id: str, *, helpful: bool, reason: str | None
    ) -> bool:
        """False when the conversation has no such bot message."""
        ...

    def ping(self) -> None:
        """Raise StoreUnavailable when the store cannot answer."""
        ...


class CompanySystem(Protocol):
    """What a form asks once it is filled: the shop's orders, a booking system, …"""

    def look_up(self, values: Mapping[str, str], *, secrets: Mapping[str, str]) -> ActionResult:
        """Changes nothing there. `secrets` prove who asks and must not end in a log.

        What is unknown and what the secrets do not open give the same status `not_found`. Raises
        ActionUnavailable.
        """
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Current time, UTC, aware."""
        ...


class JobStore(Protocol):
    """Jobs that are over stay as they ended, whoever comes late."""

    def add(self, job: Job) -> Job:
        """Keep it; if its id is known already, return the job kept then."""
        ...

    def find(self, job_id: str) -> Job | None: ...

    def recent(self, *, limit: int = 50) -> list[Job]:
        """Newest first."""
        ...

    def unfinished(self) -> list[Job]:
        """Queued or running, oldest first."""
        ...

    def begin(self, job_id: str, *, at: datetime) -> Job | None:
        """One more attempt; None where the job is over or unknown."""
        ...

    def progress(self, job_id: str, *, stage: str, done: int, total: int) -> None: ...

    def finish(self, job_id: str, *, at: datetime, result: Mapping[str, object]) -> None: ...

    def fail(self, job_id: str, *, at: datetime, error: str) -> None: ...


class JobQueue(Protocol):
    """The way to the workers. Raises BrokerUnavailable."""

    def send(self, job: Job) -> None: ...

    def waiting(self, queue: Queue) -> int:
        """Messages that no worker has taken yet."""
        ...


class Broker(Protocol):
    """Raises BrokerUnavailable."""

    def has_worker(self) -> bool:
        """Whether a worker showed itself in the last seconds."""
        ...


class Events(Protocol):
    """Wakes those who wait for news, in this process and in the others.

    A call may be lost, on the way or between two waits: look again after the timeout.
    """

    def publish(self, channel: str) -> None:
        """Never raises, never makes the caller wait."""
        ...

    def wait(self, channel: str, *, timeout_seconds: float) -> bool:
        """Block until the channel is called; False when the time is over."""
        ...

    async def arrival(self, channel: str, *, timeout_seconds: float) -> bool:
        """`wait` for a coroutine."""
        ...

    def close(self) -> None: ...
