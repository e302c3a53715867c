"""What one company's turns are answered with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chatbot.flows.clerk import Clerk
from chatbot.policy import Thresholds
from chatbot.ports import Clock, ConversationStore, IntentModel, Retriever
from chatbot.templates import Templates
from chatbot.writer import Writer


@dataclass(frozen=True)
class Models:
    """What one turn is understood and answered with, in the versions it began with."""

    intents: IntentModel
    retriever: Retriever

    @property
    def versions(self) -> dict[str, str]:
        return {"intents": self.intents.version, "knowledge": self.retriever.version}


@dataclass(frozen=True)
class Desk:
    """All that one company's turns are answered with."""

    models: Callable[[], Models]
    """Called once a turn: a newer version may have come, or loading it may fail."""
    store: ConversationStore
    clock: Clock
    templates: Templates
    thresholds: Thresholds
    redact: Callable[[str], str]
    text_limit: int
    clerk: Clerk = field(default_factory=Clerk)
    writer: Writer | None = None
    """None: every answer is a curated one."""
