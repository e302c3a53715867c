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
    COLLECT = "collect"
    """A form asks for what it still needs."""
    ACT = "act"
    """A company system was asked; the reply says what it answered."""
    REFUSE = "refuse"
    HANDOFF = "handoff"


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


class State(StrEnum):
    """Who speaks to the customer; that a conversation is over says `closed_at`."""

    BOT = "bot"
    WAITING = "waiting"
    """A person was asked for; until one comes, the bot goes on answering."""
    HELD = "held"
    """An agent has it; the bot is silent."""


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
    ambiguous: bool = False
    """The two best intents are closer than the model was measured to tell apart."""


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
class Course:
    """How the conversation has gone so far."""

    moods: tuple[float, ...] = ()
    """Sentiment in [-1, 1] of the last messages, this one last."""
    failures: int = 0
    """Turns in a row before this one that ended without help."""
    person_called: bool = False


@dataclass(frozen=True)
class Evidence:
    """Everything a decision may look at."""

    language: LanguageGuess
    understanding: Understanding
    hits: tuple[Hit, ...] = ()
    wordless: bool = False
    """True for digits, emoji and placeholders alone: there is nothing to understand."""
    course: Course = Course()


@dataclass(frozen=True)
class Decision:
    action: Action
    reason: str
    """Which rule fired, in a stable snake_case word."""
    hits: tuple[Hit, ...] = ()
    """The passage to answer from, or the alternatives to offer."""
    template: str | None = None
    preface: str | None = None
    """A template to say before everything else."""
    offer_person: bool = False
    """Whether a quick reply calls a person."""


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
    """A person was asked for at least once."""
    customer: str = ""
    """The host page's reference of the customer, whose key seals the originals; the
    conversation's own id where the page gave none."""
    state: State = State.BOT
    holder: str | None = None
    """The agent's user id while it is held."""
    memory: Mapping[str, object] = field(default_factory=dict)
    """What the dialogue carries from turn to turn: JSON, redacted values only."""

    def __post_init__(self) -> None:
        if not self.customer:
            object.__setattr__(self, "customer", self.id)


@dataclass(frozen=True)
class Message:
    """One message as it is recorded; without a bot's reply where customer and agent speak."""

    id: str
    conversation_id: str
    author: Author
    text: str
    """Redacted."""
    language: Language | None
    created_at: datetime
    client_message_id: str | None = None
    agent_id: str | None = None
    original: str | None = field(default=None, repr=False, compare=False)
    """The text as it came, on its way to be sealed; a message that was read back has none."""


@dataclass(frozen=True)
class Turn:
    """One customer message with the reply it got, as it is recorded."""

    conversation_id: str
    client_message_id: str
    question: str
    """Redacted."""
    question_message_id: str
    received_at: datetime
    reply: Reply
    decision: Mapping[str, object] = field(default_factory=dict)
    error: str | None = None
    """Class name of what went wrong inside, never its text: texts may quote the customer."""
    original: str | None = field(default=None, repr=False, compare=False)
    """The question as it came; as in `Message`."""
    memory: Mapping[str, object] | None = field(default=None, compare=False)
    """What the conversation remembers from here on; None leaves its memory as it is."""

    @property
    def messages(self) -> tuple[Message, Message]:
        """The question and its answer."""
        question = Message(
            id=self.question_message_id,
            conversation_id=self.conversation_id,
            author=Author.CUSTOMER,
            text=self.question,
            language=self.reply.language,
            created_at=self.received_at,
            client_message_id=self.client_message_id,
            original=self.original,
        )
        answer = Message(
            id=self.reply.message_id,
            conversation_id=self.conversation_id,
            author=self.reply.author,
            text=self.reply.text,
            language=self.reply.language,
            created_at=self.received_at,
        )
        return question, answer
