"""Wire models: the only place that knows what JSON looks like."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chatbot.conversation import Conversation, Reply, Turn
from chatbot.privacy_desk import ERASED
from privacy.consent import Scope

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("use printable characters only")
    if text.startswith(ERASED):
        raise ValueError("this beginning is kept for customers who were erased")
    return text


Customer = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128, strip_whitespace=True),
    AfterValidator(_printable),
]


class ConsentStatement(_Body):
    """What is left out is not stated: nothing is agreed to by silence."""

    improve: bool | None = Field(
        default=None, description="Learn from this conversation, personal data masked."
    )
    audit: bool | None = Field(
        default=None, description="Use what the customer gives freely for fairness audits."
    )

    def agreed(self) -> dict[Scope, bool]:
        stated = {Scope.IMPROVE: self.improve, Scope.AUDIT: self.audit}
        return {scope: granted for scope, granted in stated.items() if granted is not None}


class ConversationRequest(_Body):
    channel: Channel = "web"
    language: Literal["en", "zh", "zh-Hans", "zh-Hant"] | None = None
    collection: Name | None = None
    customer: Customer | None = Field(
        default=None,
        description="The host page's own reference of this customer: a number rather than an "
        "e-mail address, for it is kept as it comes.",
    )
    consents: ConsentStatement | None = None


class MessageRequest(_Body):
    text: str = Field(description="What the customer wrote.")
    client_message_id: ClientMessageId = Field(
        description="Chosen by the caller; sending it again returns the first reply."
    )


class FeedbackRequest(_Body):
    message_id: Uuid
    helpful: bool
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None


class Disclosure(BaseModel):
    text: str
    language: str
    version: str


class ConversationOpened(BaseModel):
    conversation_id: str
    token: str
    disclosure: Disclosure


class Intent(BaseModel):
    name: str
    confidence: float


class Citation(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    document_id: str
    passage_id: str
    title: str
    url: str
    quote: str
    score: float
    language: str


class Suggestion(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    text: str
    document_id: str | None


class ReplyBody(BaseModel):
    message_id: str
    text: str
    language: str
    action: str
    intent: Intent
    citations: list[Citation]
    suggestions: list[Suggestion]
    author: str
    versions: dict[str, str]
    latency_ms: dict[str, float]

    @classmethod
    def of(cls, reply: Reply) -> ReplyBody:
        return cls(
            message_id=reply.message_id,
            text=reply.text,
            language=reply.language.value,
            action=reply.action.value,
            intent=Intent(name=reply.intent, confidence=reply.confidence),
            citations=[Citation.model_validate(citation) for citation in reply.citations],
            suggestions=[Suggestion.model_validate(item) for item in reply.suggestions],
            author=reply.author.value,
            versions=dict(reply.versions),
            latency_ms=dict(reply.latency_ms),
        )


class TurnBody(BaseModel):
    client_message_id: str
    question: str
    """As it is stored: personal data masked."""
    reply: ReplyBody

    @classmethod
    def of(cls, turn: Turn) -> TurnBody:
        return cls(
            client_message_id=turn.client_message_id,
            question=turn.question,
            reply=ReplyBody.of(turn.reply),
        )


class History(BaseModel):
    conversation_id: str
    closed: bool
    handoff: bool
    turns: list[TurnBody]

    @classmethod
    def of(cls, conversation: Conversation, turns: list[Turn]) -> History:
        return cls(
            conversation_id=conversation.id,
            closed=conversation.closed_at is not None,
            handoff=conversation.handoff,
            turns=[TurnBody.of(turn) for turn in turns],
        )


class HandoffAccepted(BaseModel):
    text: str


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


PartState = Literal["ok", "degraded", "unavailable"]


class Health(BaseModel):
    status: Literal["ok", "unavailable"]
    detail: str | None = None
    parts: dict[str, PartState] | None = Field(
        default=None,
        description="database, knowledge, intents, broker, worker; degraded parts stop no answer.",
    )
