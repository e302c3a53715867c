"""Wire models: the only place that knows what JSON looks like."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chatbot.conversation import Author, Conversation, Reply, Turn
from chatbot.handoff import Line
from chatbot.privacy_desk import ERASED
from chatbot.replay import Change
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


Tag = Literal["en", "zh", "zh-Hans", "zh-Hant"]


class ConsentStatement(_Body):
    """What is left out is not stated: nothing is agreed to by silence."""

    improve: bool | None = Field(
        default=None, description="Learn from this conversation, personal data masked."
    )
    audit: bool | None = Field(
        default=None, description="Use what the customer gives freely for fairness audits."
    )
    analytics: bool | None = Field(
        default=None,
        description="Count this customer's conversations in reports, without their words; they "
        "are counted until the customer refuses.",
    )
    wording_version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,32}$")] | None = (
        Field(
            default=None,
            description="Of the words that the customer read, as `GET …/consent` gave it or as "
            "the host page numbers its own; the disclosure's if left out.",
        )
    )
    language: Tag | None = Field(
        default=None, description="Of those words; the conversation's if left out."
    )

    def agreed(self) -> dict[Scope, bool]:
        stated = {
            Scope.IMPROVE: self.improve,
            Scope.AUDIT: self.audit,
            Scope.ANALYTICS: self.analytics,
        }
        return {scope: granted for scope, granted in stated.items() if granted is not None}


class ConversationRequest(_Body):
    channel: Channel = "web"
    language: Tag | None = None
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


class SaidItem(BaseModel):
    kind: Literal["message"] = "message"
    at: datetime
    message_id: str
    client_message_id: str | None
    """Of the customer's own messages."""
    author: str
    agent_name: str | None
    text: str
    language: str | None
    action: str | None
    """What the bot did; the rest of its reply is in `turns`."""

    @classmethod
    def of(cls, line: Line) -> SaidItem:
        message = line.message
        own = message.author is Author.CUSTOMER
        return cls(
            at=message.created_at,
            message_id=message.id,
            client_message_id=message.client_message_id if own else None,
            author=message.author.value,
            agent_name=line.agent_name,
            text=message.text,
            language=message.language.value if message.language else None,
            action=line.action.value if line.action else None,
        )


class ChangeItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: Literal["state"] = "state"
    at: datetime
    state: str
    agent_name: str | None


class History(BaseModel):
    conversation_id: str
    closed: bool
    handoff: bool
    turns: list[TurnBody]
    """What the bot answered."""
    items: list[Annotated[SaidItem | ChangeItem, Field(discriminator="kind")]]
    """Everything that was said, by whomever, and who came and went, in order."""

    @classmethod
    def of(
        cls, conversation: Conversation, turns: list[Turn], shown: list[Line | Change]
    ) -> History:
        return cls(
            items=[
                SaidItem.of(one) if isinstance(one, Line) else ChangeItem.model_validate(one)
                for one in shown
            ],
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
