"""Wire models of the agents' side of the console and of live events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from chatbot.agent_masks import Masks
from chatbot.assist import Suggested, Summary
from chatbot.handoff import Entry, Line
from chatbot.people import MAY, Session, User
from knowledge_base.passages import Hit
from privacy.redaction import redact

Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,64}$")]
AgentMessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,48}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
IntentName = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,128}$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class SignInRequest(Body):
    email: Annotated[str, StringConstraints(max_length=320)]
    password: SecretStr = Field(max_length=1024)


class MeRequest(Body):
    language: Literal["en", "zh"]


class Me(BaseModel):
    id: str
    email: str
    name: str
    role: str
    language: str
    expires_at: datetime
    may: list[str]
    """What the role may do; the console shows nothing else."""

    @classmethod
    def of(cls, session: Session) -> Me:
        user = session.user
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role.value,
            language=user.language,
            expires_at=session.expires_at,
            may=sorted(permission.value for permission in MAY[user.role]),
        )


class HolderBody(BaseModel):
    id: str
    name: str


class LastMessage(BaseModel):
    author: str
    text: str
    at: datetime


class QueueItem(BaseModel):
    conversation_id: str
    state: Literal["bot", "waiting", "held", "closed"]
    channel: str
    collection: str
    customer: str | None
    """The reference that the shop gave, masked where it is personal data itself."""
    language: str | None
    created_at: datetime
    waiting_since: datetime | None
    waiting_seconds: int | None
    reason: str | None
    sentiment: float | None
    holder: HolderBody | None
    mine: bool
    last: LastMessage | None

    @classmethod
    def of(cls, entry: Entry, user: User, now: datetime) -> QueueItem:
        conversation, since, last = entry.conversation, entry.waiting_since, entry.last
        named = conversation.customer != conversation.id
        return cls(
            conversation_id=conversation.id,
            state=entry.state,
            channel=conversation.channel,
            collection=conversation.collection,
            customer=redact(conversation.customer) if named else None,
            language=entry.language.value if entry.language else None,
            created_at=conversation.created_at,
            waiting_since=since,
            waiting_seconds=max(0, int((now - since).total_seconds())) if since else None,
            reason=entry.reason,
            sentiment=entry.sentiment,
            holder=_holder(entry),
            mine=_mine(entry, user),
            last=LastMessage(author=last.author.value, text=last.text, at=last.created_at)
            if last is not None
            else None,
        )


class QueueCounts(BaseModel):
    waiting: int
    held: int
    mine: int


class QueueBody(BaseModel):
    now: datetime
    counts: QueueCounts
    items: list[QueueItem]


class MessageIntent(BaseModel):
    name: str
    confidence: float
    rival: str | None = None
    """The intent that was as likely, where the model could not tell the two best apart."""


class MessageCitation(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    document_id: str
    title: str
    url: str
    quote: str
    score: float


class ConsoleMessage(BaseModel):
    message_id: str
    author: str
    text: str
    """Masked."""
    language: str | None
    at: datetime
    agent_name: str | None
    masks: dict[str, str]
    """For who holds the conversation: by placeholder in `text`, as `<PHONE_NUMBER_1>`, what it
    stands for with most of it starred, as `138****8000`."""
    sealed: bool
    """An original can be unsealed."""
    action: str | None
    intent: MessageIntent | None
    citations: list[MessageCitation]
    helpful: bool | None

    @classmethod
    def of(cls, line: Line, masks: Masks) -> ConsoleMessage:
        message = line.message
        return cls(
            message_id=message.id,
            author=message.author.value,
            text=message.text,
            language=message.language.value if message.language else None,
            at=message.created_at,
            agent_name=line.agent_name,
            masks=dict(masks),
            sealed=line.sealed,
            action=line.action.value if line.action else None,
            intent=MessageIntent(
                name=line.intent, confidence=line.confidence, rival=line.rival or None
            )
            if line.intent
            else None,
            citations=[MessageCitation.model_validate(citation) for citation in line.citations],
            helpful=line.helpful,
        )


class TriedBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    document_id: str
    title: str
    url: str
    helpful: bool | None


class Slot(BaseModel):
    name: str
    value: str


class SummaryBody(BaseModel):
    intent: str | None
    asked: list[str]
    tried: list[TriedBody]
    slots: list[Slot]
    sentiment: float | None
    text: dict[str, str]

    @classmethod
    def of(cls, summary: Summary) -> SummaryBody:
        return cls(
            intent=summary.intent,
            asked=list(summary.asked),
            tried=[TriedBody.model_validate(tried) for tried in summary.tried],
            slots=[Slot(name=name, value=value) for name, value in summary.slots],
            sentiment=summary.sentiment,
            text=dict(summary.text),
        )


class ConversationBody(QueueItem):
    closed_at: datetime | None
    last_event_id: int
    messages: list[ConsoleMessage]
    summary: SummaryBody


class AgentReply(Body):
    text: str
    client_message_id: AgentMessageId
    suggestion_id: Id | None = None


class SuggestionBody(BaseModel):
    suggestion_id: str
    text: str
    document_id: str
    title: str
    url: str
    language: str
    score: float

    @classmethod
    def of(cls, one: Suggested) -> SuggestionBody:
        return cls(
            suggestion_id=one.id,
            text=one.text,
            document_id=one.document_id,
            title=one.title,
            url=one.url,
            language=one.language,
            score=one.score,
        )


class Suggestions(BaseModel):
    suggestions: list[SuggestionBody]


class OutcomeRequest(Body):
    outcome: Literal["insert", "edit", "reject"]


class KnowledgeQuery(Body):
    query: str
    collection: Name | None = None


class HitBody(BaseModel):
    document_id: str
    passage_id: str
    title: str
    text: str
    url: str
    score: float
    language: str

    @classmethod
    def of(cls, hit: Hit) -> HitBody:
        passage = hit.passage
        return cls(
            document_id=passage.document_id,
            passage_id=passage.id,
            title=passage.title,
            text=passage.text,
            url=passage.url,
            score=round(hit.score, 4),
            language=passage.language,
        )


class Hits(BaseModel):
    hits: list[HitBody]


class Intents(BaseModel):
    intents: list[str]


class IntentCorrection(Body):
    intent: IntentName


class CorrectionTaken(BaseModel):
    queued: bool
    reason: Literal["no_consent"] | None
    """Why it was not: only customers who agreed to it are learned from."""


class UnsealRequest(Body):
    purpose: Annotated[str, StringConstraints(max_length=1000)]


class Unsealed(BaseModel):
    message_id: str
    text: str


class Moved(BaseModel):
    """A conversation changed its place in the queue."""

    conversation_id: str
    state: str
    holder: HolderBody | None
    mine: bool

    @classmethod
    def of(cls, entry: Entry, user: User) -> Moved:
        return cls(
            conversation_id=entry.conversation.id,
            state=entry.state,
            holder=_holder(entry),
            mine=_mine(entry, user),
        )


class SpokenMessage(BaseModel):
    """What an agent said, as the customer hears it."""

    message_id: str
    author: str
    text: str
    language: str | None
    agent_name: str | None
    at: datetime

    @classmethod
    def of(cls, line: Line, text: str) -> SpokenMessage:
        message = line.message
        return cls(
            message_id=message.id,
            author=message.author.value,
            text=text,
            language=message.language.value if message.language else None,
            agent_name=line.agent_name,
            at=message.created_at,
        )


class StateChanged(BaseModel):
    state: Literal["bot", "waiting", "held", "closed"]
    agent_name: str | None


def _holder(entry: Entry) -> HolderBody | None:
    return HolderBody(id=entry.holder.id, name=entry.holder.name) if entry.holder else None


def _mine(entry: Entry, user: User) -> bool:
    return entry.holder is not None and entry.holder.id == user.id
