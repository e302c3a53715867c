"""Frozen values of a conversation. Nothing here knows a database, a web framework or a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from knowledge_base.passages import Hit


class Language(StrEnum):
    """BCP 47 tags of the languages Kefu speaks."""

    EN = "en"
    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"

    @property
    def base(self) -> str:
        """`en` or `zh`, the tag that knowledge and intents are written under."""
        return self.value[:2]


@dataclass(frozen=True)
class LanguageGuess:
    language: Language
    mixed: bool = False
    """True when both Chinese and English words carry the sentence."""
    certain: bool = True
    """False for texts without letters (digits, emoji): the caller's default was used."""


class Action(StrEnum):
    ANSWER = "answer"
    CLARIFY = "clarify"
    REFUSE = "refuse"
    HANDOFF = "handoff"


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


@dataclass(frozen=True)
class Understanding:
    """What the intent model makes of one sentence."""

    intent: str
    """The best in-scope intent, or `out_of_scope` where the model's own threshold says so."""
    confidence: float
    out_of_scope: float
    """Calibrated probability that no known intent fits."""
    ranking: tuple[tuple[str, float], ...] = ()
    """In-scope intents with probabilities that sum to one, best first."""


@dataclass(frozen=True)
class Citation:
    document_id: str
    passage_id: str
    title: str
    url: str
    quote: str
    score: float
    language: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A quick reply: sending `text` as the next message asks for that article."""

    text: str
    document_id: str | None = None


@dataclass(frozen=True)
class Evidence:
    """Everything a decision may look at."""

    language: LanguageGuess
    understanding: Understanding
    hits: tuple[Hit, ...] = ()
    wordless: bool = False
    """True for digits, emoji and placeholders alone: there is nothing to understand."""


@dataclass(frozen=True)
class Decision:
    action: Action
    reason: str
    """Which rule fired, in a stable snake_case word."""
    hits: tuple[Hit, ...] = ()
    """The passage to answer from, or the alternatives to offer."""
    template: str | None = None


@dataclass(frozen=True)
class Reply:
    message_id: str
    text: str
    language: Language
    action: Action
    intent: str
    confidence: float
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    author: Author = Author.BOT
    versions: Mapping[str, str] = field(default_factory=dict)
    latency_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Conversation:
    id: str
    channel: str
    collection: str
    language: Language | None
    """What the customer's page asked for; every message still decides for itself."""
    token_sha256: str
    created_at: datetime
    closed_at: datetime | None = None
    handoff: bool = False


@dataclass(frozen=True)
class Turn:
    """One customer message with the reply it got, as it is recorded: redacted text only."""

    conversation_id: str
    client_message_id: str
    question: str
    question_message_id: str
    received_at: datetime
    reply: Reply
    decision: Mapping[str, object] = field(default_factory=dict)
    error: str | None = None
    """Class name of what went wrong inside, never its text: texts may quote the customer."""
