"""Conversations in SQLite or PostgreSQL: the same statements on both."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.adapters.conversation_rows import (
    Row,
    decision_row,
    event_row,
    message_events,
    message_row,
    read_conversation,
    read_message,
    read_turn,
)
from chatbot.adapters.tables import conversations, decisions, events, feedback, messages
from chatbot.adapters.transactions import Transactions
from chatbot.conversation import Action, Author, Conversation, Message, State, Turn
from chatbot.errors import (
    ConversationClosed,
    ConversationUnknown,
    StoreUnavailable,
    TakenOver,
)
from chatbot.masking import masking_now
from chatbot.sealing import seal_message
from privacy.keyring import KeyRing


class SqlStore:
    """Seals originals as they are written; without a key ring it does not keep them."""

    def __init__(self, engine: Engine, keys: KeyRing | None = None) -> None:
        self._transactions = Transactions(engine)
        self._keys = keys

    def open(self, conversation: Conversation) -> None:
        with self._transactions.writing() as connection:
            connection.execute(insert(conversations).values(asdict(conversation)))

    def find(self, conversation_id: str) -> Conversation | None:
        query = select(conversations).where(conversations.c.id == conversation_id)
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return read_conversation(row) if row is not None else None

    def close(self, conversation_id: str, *, at: datetime) -> None:
        statement = (
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.closed_at.is_(None))
            .values(closed_at=at)
        )
        with self._transactions.writing() as connection:
            if connection.execute(statement).rowcount:
                row = event_row(conversation_id, "state", at=at, state="closed")
                connection.execute(insert(events).values(row))

    def request_handoff(self, conversation_id: str, *, reason: str = "request_human") -> None:
        with self._transactions.writing() as connection:
            _wait(connection, conversation_id, reason=reason, at=datetime.now(UTC))

    def record(self, turn: Turn) -> Turn:
        question, answer = turn.messages
        customer = self._customer(turn.conversation_id)
        rows = [
            self._row(question, customer),
            self._row(answer, customer) | {"in_reply_to": question.id},
        ]
        try:
            with self._transactions.writing() as connection:
                held = _admit(connection, turn.conversation_id, customer) is State.HELD
                kept = 1 if held else 2
                connection.execute(insert(messages), rows[:kept])
                connection.execute(insert(events), message_events([question, answer][:kept]))
                if not held:
                    _conclude(connection, turn)
        except IntegrityError:
            return self._quicker(turn)
        if held:
            raise TakenOver
        return replace(turn, original=None)

    def _quicker(self, turn: Turn) -> Turn:
        """Another request with the same client_message_id was: what it got is the reply."""
        earlier = self.find_turn(turn.conversation_id, turn.client_message_id)
        if earlier is not None:
            return earlier
        if self.find_message(turn.conversation_id, turn.client_message_id) is None:
            raise StoreUnavailable("IntegrityError") from None
        raise TakenOver from None

    def add_message(self, message: Message) -> Message:
        customer = self._customer(message.conversation_id)
        row = self._row(message, customer)
        try:
            with self._transactions.writing() as connection:
                _admit(connection, message.conversation_id, customer)
                connection.execute(insert(messages).values(row))
                connection.execute(insert(events), message_events([message]))
        except IntegrityError:
            earlier = message.client_message_id and self.find_message(
                message.conversation_id, message.client_message_id
            )
            if not earlier:
                raise StoreUnavailable("IntegrityError") from None
            return earlier
        return replace(message, original=None)

    def find_message(self, conversation_id: str, client_message_id: str) -> Message | None:
        found = self._messages(conversation_id, messages.c.client_message_id == client_message_id)
        return found[0] if found else None

    def messages(self, conversation_id: str) -> list[Message]:
        return self._messages(conversation_id)

    def find_turn(self, conversation_id: str, client_message_id: str) -> Turn | None:
        found = self._turns(conversation_id, messages.c.client_message_id == client_message_id)
        return found[0] if found else None

    def turns(self, conversation_id: str) -> list[Turn]:
        return self._turns(conversation_id)

    def _messages(self, conversation_id: str, *conditions: Any) -> list[Message]:
        query = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id, *conditions)
            .order_by(messages.c.sequence)
        )
        with self._transactions.reading() as connection:
            return [read_message(row) for row in connection.execute(query).mappings()]

    def _turns(self, conversation_id: str, *conditions: Any) -> list[Turn]:
        answers = messages.alias("answers")
        query = (
            select(
                messages,
                *(column.label(f"answer_{column.name}") for column in answers.columns),
                *decisions.columns,
            )
            .join(answers, answers.c.in_reply_to == messages.c.id)
            .join(decisions, decisions.c.message_id == answers.c.id)
            .where(
                messages.c.conversation_id == conversation_id,
                answers.c.conversation_id == conversation_id,
                *conditions,
            )
            .order_by(messages.c.sequence)
        )
        with self._transactions.reading() as connection:
            return [read_turn(row) for row in connection.execute(query).mappings()]

    def add_feedback(
        self, conversation_id: str, message_id: str, *, helpful: bool, reason: str | None
    ) -> bool:
        known = select(messages.c.id).where(
            messages.c.id == message_id,
            messages.c.conversation_id == conversation_id,
            messages.c.author == Author.BOT.value,
        )
        values = {"helpful": helpful, "reason": reason, "created_at": datetime.now(UTC)}
        # The customer may change their mind: the last word counts.
        change = update(feedback).where(feedback.c.message_id == message_id).values(values)
        first = insert(feedback).values(message_id=message_id, **values)
        try:
            with self._transactions.writing() as connection:
                if connection.execute(known).first() is None:
                    return False
                if connection.execute(change).rowcount == 0:
                    connection.execute(first)
        except IntegrityError:
            # Two first votes at once: the other one is in, so this one changes it.
            with self._transactions.writing() as connection:
                connection.execute(change)
        return True

    def ping(self) -> None:
        with self._transactions.reading() as connection:
            connection.execute(select(1))

    def _customer(self, conversation_id: str) -> str:
        query = select(conversations.c.customer).where(conversations.c.id == conversation_id)
        with self._transactions.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise ConversationUnknown
        return row.customer or conversation_id

    def _row(self, message: Message, customer: str) -> Row:
        """Sealed before the transaction begins: a new key's file must not hold up other writers."""
        sealed = None
        if message.original is not None and self._keys is not None:
            sealed = seal_message(
                self._keys, message.original, customer=customer, message_id=message.id
            )
        return message_row(message, sealed=sealed, masked_by=masking_now())


def _admit(connection: Connection, conversation_id: str, customer: str) -> State:
    """Who speaks to the customer at this moment, and until the transaction ends.

    Whoever was erased while the answer was found must not come back with it.
    """
    columns = (conversations.c.customer, conversations.c.state, conversations.c.closed_at)
    query = select(*columns).where(conversations.c.id == conversation_id)
    row = connection.execute(query.with_for_update()).one()
    if (row.customer or conversation_id) != customer or row.closed_at is not None:
        raise ConversationClosed
    return State(row.state)


def _conclude(connection: Connection, turn: Turn) -> None:
    """What the bot decided, remembers, and asks of people."""
    connection.execute(insert(decisions).values(decision_row(turn)))
    if turn.memory is not None:
        connection.execute(_of(turn.conversation_id).values(memory=dict(turn.memory)))
    if turn.reply.action is Action.HANDOFF:
        reason = str(turn.decision.get("reason", ""))
        _wait(connection, turn.conversation_id, reason=reason, at=turn.received_at)


def _of(conversation_id: str) -> Any:
    return update(conversations).where(conversations.c.id == conversation_id)


def _wait(connection: Connection, conversation_id: str, *, reason: str, at: datetime) -> None:
    """From now on the conversation waits for a person; who waits or talks to one goes on so."""
    connection.execute(_of(conversation_id).values(handoff=True))
    waiting = (
        _of(conversation_id)
        .where(conversations.c.state == State.BOT.value, conversations.c.closed_at.is_(None))
        .values(state=State.WAITING.value, waiting_since=at, handoff_reason=reason[:64])
    )
    if connection.execute(waiting).rowcount:
        row = event_row(conversation_id, "state", at=at, state=State.WAITING.value)
        connection.execute(insert(events).values(row))
