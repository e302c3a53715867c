"""Who speaks to the customer: the bot, or one agent at a time.

    bot ──asked for──▶ waiting ──take──▶ held ──give back──▶ bot
     └──────────────take──────────────────┘ └──close──▶ closed

The moves are pure; the store makes each one only where nobody else moved in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from chatbot.conversation import (
    Action,
    Author,
    Citation,
    Conversation,
    Language,
    Message,
    Reply,
    State,
    Turn,
)
from chatbot.errors import ConversationClosed, HandoffRefused, NotFound, TakenOver
from chatbot.language import detect_language
from chatbot.masking import mask_message
from chatbot.memory import read_memory
from chatbot.people import Permission, User
from chatbot.ports import Clock, ConversationStore
from chatbot.text import accept_text
from chatbot.turn import Desk, answer_turn

CLOSED = "closed"
"""What the console calls a conversation that is over, whatever state it ended in."""


@dataclass(frozen=True)
class Standing:
    state: State
    holder: str | None
    """User id of the agent who has it."""
    closed: bool = False


Move = Callable[[Standing], Standing]


def take(agent: str) -> Move:
    """Also from the bot, unasked. Taking twice changes nothing."""

    def move(standing: Standing) -> Standing:
        _still_open(standing)
        if standing.state is State.HELD and standing.holder != agent:
            raise HandoffRefused("Somebody else has this conversation: choose another one.")
        return replace(standing, state=State.HELD, holder=agent)

    return move


def give_back(agent: str) -> Move:
    def move(standing: Standing) -> Standing:
        _held_by(standing, agent)
        return replace(standing, state=State.BOT, holder=None)

    return move


def close(agent: str, *, whoever_holds: bool = False) -> Move:
    """Closing twice changes nothing."""

    def move(standing: Standing) -> Standing:
        if standing.closed:
            return standing
        if not whoever_holds:
            _held_by(standing, agent)
        return Standing(State.BOT, None, closed=True)

    return move


def _held_by(standing: Standing, agent: str) -> None:
    _still_open(standing)
    if standing.state is not State.HELD or standing.holder != agent:
        raise HandoffRefused("You do not have this conversation: take it over first.")


def _still_open(standing: Standing) -> None:
    if standing.closed:
        raise HandoffRefused("This conversation is closed.")


@dataclass(frozen=True)
class Holder:
    id: str
    name: str


@dataclass(frozen=True)
class Line:
    """One message as an agent sees it: masked, with what the bot made of it."""

    message: Message
    agent_name: str | None = None
    sealed: bool = False
    """There is an original that may be asked for."""
    action: Action | None = None
    intent: str = ""
    confidence: float = 0.0
    rival: str = ""
    """The intent that was as likely, where the model could not tell the two best apart."""
    citations: tuple[Citation, ...] = ()
    helpful: bool | None = None


@dataclass(frozen=True)
class Entry:
    """One conversation in the queue."""

    conversation: Conversation
    holder: Holder | None = None
    waiting_since: datetime | None = None
    reason: str | None = None
    language: Language | None = None
    """Of the last message."""
    last: Message | None = None

    @property
    def state(self) -> str:
        return CLOSED if self.conversation.closed_at is not None else self.conversation.state.value

    @property
    def sentiment(self) -> float | None:
        """Of the customer's last message, in [-1, 1]."""
        moods = read_memory(self.conversation.memory).moods
        return moods[-1] if moods else None


class HandoffStore(Protocol):
    def entry(self, conversation_id: str) -> Entry | None: ...

    def queue(self, states: Sequence[str], *, limit: int) -> list[Entry]:
        """Who waits comes first, the longest wait before all; then the newest."""
        ...

    def counts(self) -> dict[str, int]:
        """How many wait and are held."""
        ...

    def held_by(self, user_id: str) -> int: ...

    def move(self, conversation_id: str, move: Move, *, by: User, at: datetime) -> None:
        """Read, move, and write only where nothing changed in between; tells of it as an event.

        Raises what `move` raises, HandoffRefused after losing a race, and NotFound.
        """
        ...

    def transcript(self, conversation_id: str) -> list[Line]: ...

    def line(self, message_id: str) -> Line | None: ...

    def spoken(self, message_id: str) -> str | None:
        """What an agent wrote, for the customer it was written to."""
        ...


def reply_as_agent(
    desk: HandoffStore,
    store: ConversationStore,
    clock: Clock,
    *,
    conversation_id: str,
    agent: User,
    text: str,
    client_message_id: str,
    limit: int,
) -> Message:
    """Say `text` to the customer; the same client_message_id again gives the first message.

    Raises InputInvalid, NotFound, and HandoffRefused for an agent who does not hold it.
    """
    accepted = accept_text(text, limit=limit)
    entry = entry_of(desk, conversation_id)
    conversation = entry.conversation
    # The customer's ids and the agents' live in one column.
    own_id = f"agent:{client_message_id}"
    earlier = store.find_message(conversation_id, own_id)
    if earlier is not None:
        return earlier
    _held_by(_standing(conversation), agent.id)
    guess = detect_language(accepted, default=entry.language or Language.EN)
    return store.add_message(
        Message(
            id=str(uuid4()),
            conversation_id=conversation_id,
            author=Author.AGENT,
            text=_mask(store, conversation, accepted),
            language=guess.language,
            created_at=clock.now(),
            client_message_id=own_id,
            agent_id=agent.id,
            original=accepted,
        )
    )


@dataclass(frozen=True)
class Received:
    reply: Reply
    turn: Turn | None = None
    """What the bot did; None where an agent answers."""


def receive(
    desk: Desk, conversation: Conversation, *, text: str, client_message_id: str
) -> Received:
    """The bot's reply; or, while an agent has the conversation, an empty one in the agent's name.

    An agent who comes while the bot looks for its answer has it too. Raises what `answer_turn`
    raises, but TakenOver.
    """
    if conversation.closed_at is not None:
        raise ConversationClosed
    earlier = _earlier(desk.store, conversation, client_message_id)
    if earlier is not None:
        return earlier
    if conversation.state is State.HELD:
        return _keep(desk, conversation, text=text, client_message_id=client_message_id)
    try:
        turn = answer_turn(desk, conversation, text=text, client_message_id=client_message_id)
    except TakenOver:
        kept = _earlier(desk.store, conversation, client_message_id)
        if kept is None:
            raise
        return kept
    return Received(turn.reply, turn)


def _earlier(
    store: ConversationStore, conversation: Conversation, client_message_id: str
) -> Received | None:
    """What this message was answered with when it came before."""
    known = store.find_message(conversation.id, client_message_id)
    if known is None:
        return None
    turn = store.find_turn(conversation.id, client_message_id)
    return Received(_kept(known)) if turn is None else Received(turn.reply, turn)


def _keep(desk: Desk, conversation: Conversation, *, text: str, client_message_id: str) -> Received:
    """For the agent to answer."""
    accepted = accept_text(text, limit=desk.text_limit)
    guess = detect_language(accepted, default=conversation.language or Language.EN)
    message = Message(
        id=str(uuid4()),
        conversation_id=conversation.id,
        author=Author.CUSTOMER,
        text=_mask(desk.store, conversation, accepted),
        language=guess.language,
        created_at=desk.clock.now(),
        client_message_id=client_message_id,
        original=accepted,
    )
    kept = desk.store.add_message(message)
    # The same message on another connection may have been the bot's to answer.
    quicker = _earlier(desk.store, conversation, client_message_id) if kept != message else None
    return quicker or Received(_kept(kept))


def entry_of(desk: HandoffStore, conversation_id: str) -> Entry:
    """Raises NotFound."""
    entry = desk.entry(conversation_id)
    if entry is None:
        raise NotFound("conversation")
    return entry


def may_close_any(user: User) -> bool:
    return user.may(Permission.WRITE_USERS)


def _kept(message: Message) -> Reply:
    return Reply(
        message_id=message.id,
        text="",
        language=message.language or Language.EN,
        action=Action.HANDOFF,
        intent="",
        confidence=0.0,
        author=Author.AGENT,
        latency_ms={"total": 0.0},
    )


def _mask(store: ConversationStore, conversation: Conversation, text: str) -> str:
    return mask_message(
        text, earlier=lambda: [message.text for message in store.messages(conversation.id)]
    )


def _standing(conversation: Conversation) -> Standing:
    return Standing(conversation.state, conversation.holder, conversation.closed_at is not None)
