"""Conversations in SQLite or PostgreSQL: the same statements on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Update, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from chatbot.adapters.database import READS_ONLY
from chatbot.adapters.tables import conversations, decisions, feedback, messages
from chatbot.conversation import (
    Action,
    Author,
    Citation,
    Conversation,
    Language,
    Reply,
    Suggestion,
    Turn,
)
from chatbot.errors import StoreUnavailable


class SqlStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._readers = engine.execution_options(**{READS_ONLY: True})

    def open(self, conversation: Conversation) -> None:
        with self._transaction() as connection:
            connection.execute(insert(conversations).values(asdict(conversation)))

    def find(self, conversation_id: str) -> Conversation | None:
        query = select(conversations).where(conversations.c.id == conversation_id)
        with self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return Conversation(
            id=row["id"],
            channel=row["channel"],
            collection=row["collection"],
            language=Language(row["language"]) if row["language"] else None,
            token_sha256=row["token_sha256"],
            created_at=_utc(row["created_at"]),
            closed_at=_utc(row["closed_at"]) if row["closed_at"] else None,
            handoff=row["handoff"],
        )

    def close(self, conversation_id: str, *, at: datetime) -> None:
        statement = (
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.closed_at.is_(None))
            .values(closed_at=at)
        )
        with self._transaction() as connection:
            connection.execute(statement)

    def request_handoff(self, conversation_id: str) -> None:
        with self._transaction() as connection:
            connection.execute(_handoff(conversation_id))

    def record(self, turn: Turn) -> Turn:
        try:
            with self._transaction() as connection:
                connection.execute(insert(messages), _message_rows(turn))
                connection.execute(insert(decisions).values(_decision_row(turn)))
                if turn.reply.action is Action.HANDOFF:
                    connection.execute(_handoff(turn.conversation_id))
        except IntegrityError:
            # Another request with the same client_message_id was quicker: its reply is the reply.
            earlier = self.find_turn(turn.conversation_id, turn.client_message_id)
            if earlier is None:
                raise StoreUnavailable("IntegrityError") from None
            return earlier
        return turn

    def find_turn(self, conversation_id: str, client_message_id: str) -> Turn | None:
        found = self._turns(conversation_id, messages.c.client_message_id == client_message_id)
        return found[0] if found else None

    def turns(self, conversation_id: str) -> list[Turn]:
        return self._turns(conversation_id)

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
        with self._reading() as connection:
            return [_turn(row) for row in connection.execute(query).mappings()]

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
            with self._transaction() as connection:
                if connection.execute(known).first() is None:
                    return False
                if connection.execute(change).rowcount == 0:
                    connection.execute(first)
        except IntegrityError:
            # Two first votes at once: the other one is in, so this one changes it.
            with self._transaction() as connection:
                connection.execute(change)
        return True

    def ping(self) -> None:
        with self._reading() as connection:
            connection.execute(select(1))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._readers.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreUnavailable(type(error).__name__) from None

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise StoreUnavailable(type(error).__name__) from None


def _handoff(conversation_id: str) -> Update:
    return update(conversations).where(conversations.c.id == conversation_id).values(handoff=True)


def _message_rows(turn: Turn) -> list[dict[str, Any]]:
    reply = turn.reply
    return [
        {
            "id": turn.question_message_id,
            "conversation_id": turn.conversation_id,
            "author": Author.CUSTOMER.value,
            "client_message_id": turn.client_message_id,
            "in_reply_to": None,
            "text": turn.question,
            "language": reply.language.value,
            "created_at": turn.received_at,
        },
        {
            "id": reply.message_id,
            "conversation_id": turn.conversation_id,
            "author": reply.author.value,
            "client_message_id": None,
            "in_reply_to": turn.question_message_id,
            "text": reply.text,
            "language": reply.language.value,
            "created_at": turn.received_at,
        },
    ]


def _decision_row(turn: Turn) -> dict[str, Any]:
    reply = turn.reply
    return {
        "message_id": reply.message_id,
        "action": reply.action.value,
        "intent": reply.intent,
        "confidence": reply.confidence,
        "citations": [asdict(citation) for citation in reply.citations],
        "suggestions": [asdict(suggestion) for suggestion in reply.suggestions],
        "evidence": dict(turn.decision),
        "versions": dict(reply.versions),
        "latency_ms": dict(reply.latency_ms),
        "error": turn.error,
    }


def _turn(row: RowMapping) -> Turn:
    reply = Reply(
        message_id=row["answer_id"],
        text=row["answer_text"],
        language=Language(row["answer_language"]),
        action=Action(row["action"]),
        intent=row["intent"],
        confidence=row["confidence"],
        citations=tuple(Citation(**citation) for citation in row["citations"]),
        suggestions=tuple(Suggestion(**suggestion) for suggestion in row["suggestions"]),
        author=Author(row["answer_author"]),
        versions=row["versions"],
        latency_ms=row["latency_ms"],
    )
    return Turn(
        conversation_id=row["conversation_id"],
        client_message_id=row["client_message_id"],
        question=row["text"],
        question_message_id=row["id"],
        received_at=_utc(row["created_at"]),
        reply=reply,
        decision=row["evidence"],
        error=row["error"],
    )


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything Kefu writes is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
