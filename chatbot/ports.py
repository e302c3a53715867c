"""Seams: what the use cases need from the outside, said in their own words.

Each Protocol has a shipped fake in `chatbot.fakes` and one contract test in `tests/contracts`
that runs against every implementation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chatbot.conversation import Conversation, Turn, Understanding
from chatbot.generation import ChatMessage, GenerationOptions, Pieces
from knowledge_base.passages import Hit


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
    ) -> list[Hit]:
        """Best first, one passage a document, scores in [0, 1].

        `hints` maps a tag to the probability that the query is about it.
        """
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

    def request_handoff(self, conversation_id: str) -> None: ...

    def record(self, turn: Turn) -> Turn:
        """Keep the turn; if its client_message_id is known already, return the turn kept then.

        A turn that hands off marks its conversation in the same step.
        """
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


class Clock(Protocol):
    def now(self) -> datetime:
        """Current time, UTC, aware."""
        ...
