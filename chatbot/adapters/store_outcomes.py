"""What became of every turn, for audits and for learning: the logs read, nothing judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, select

from chatbot.adapters.tables import consents, conversations, decisions, feedback, messages
from chatbot.adapters.transactions import Transactions, utc
from chatbot.conversation import Author
from privacy.consent import Scope

_PAGE = 1000


@dataclass(frozen=True)
class Outcome:
    """A customer's message with the bot's decision on it."""

    message_id: str
    """Of the customer's message."""
    conversation_id: str
    customer: str
    channel: str
    conversation_began: datetime
    handed_off: bool
    at: datetime
    text: str
    """Redacted."""
    language: str | None
    action: str
    intent: str
    confidence: float
    evidence: Mapping[str, Any]
    suggestions: tuple[Mapping[str, Any], ...]
    latency_ms: Mapping[str, float]
    error: str | None
    helpful: bool | None


class SqlOutcomes:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def of_conversations(self, *, since: datetime, until: datetime) -> Iterator[Outcome]:
        """Of the conversations that began in between; those of one come one after another."""
        began = conversations.c.created_at
        yield from self._pages(began >= since, began < until)

    def of_collection(self, collection: str, *, since: datetime) -> Iterator[Outcome]:
        """Of the messages since; those of one conversation come one after another."""
        yield from self._pages(
            conversations.c.collection == collection, messages.c.created_at >= since
        )

    def agreed(self, scope: Scope) -> dict[str, bool]:
        """Customers who ever said yes to it, and whether that still holds."""
        standing: dict[str, bool] = {}
        for customer, granted in self._stated(scope):
            if granted or customer in standing:
                standing[customer] = granted
        return standing

    def objecting(self, scope: Scope) -> set[str]:
        """Customers whose last word on it is no."""
        return {customer for customer, granted in dict(self._stated(scope)).items() if not granted}

    def _stated(self, scope: Scope) -> list[tuple[str, bool]]:
        """Oldest first."""
        query = (
            select(consents.c.customer, consents.c.granted)
            .where(consents.c.scope == scope.value)
            # Of two statements at one instant the refusal holds: it comes last.
            .order_by(consents.c.at, consents.c.granted.desc(), consents.c.sequence)
        )
        with self._transactions.reading() as connection:
            return [(customer, granted) for customer, granted in connection.execute(query)]

    def customers(self) -> set[str]:
        query = select(conversations.c.customer, conversations.c.id)
        with self._transactions.reading() as connection:
            return {customer or own for customer, own in connection.execute(query)}

    def customers_of(self, message_ids: list[str]) -> dict[str, str]:
        """By message; those that are unknown are left out."""
        query = (
            select(messages.c.id, conversations.c.customer, conversations.c.id.label("own"))
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.id.in_(message_ids))
        )
        with self._transactions.reading() as connection:
            return {row.id: row.customer or row.own for row in connection.execute(query)}

    def _pages(self, *conditions: ColumnElement[bool]) -> Iterator[Outcome]:
        """Page by page: a log is longer than memory, and readers must not hold up writers."""
        answers = messages.alias("answers")
        query = (
            select(
                messages,
                conversations.c.customer,
                conversations.c.channel,
                conversations.c.created_at.label("began"),
                conversations.c.handoff,
                decisions,
                feedback.c.helpful,
            )
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(answers, answers.c.in_reply_to == messages.c.id)
            .join(decisions, decisions.c.message_id == answers.c.id)
            .outerjoin(feedback, feedback.c.message_id == answers.c.id)
            .where(messages.c.author == Author.CUSTOMER.value, *conditions)
            .order_by(messages.c.conversation_id, messages.c.sequence)
            .limit(_PAGE)
        )
        place: tuple[str, int] | None = None
        while True:
            page = query if place is None else query.where(_after(*place))
            with self._transactions.reading() as connection:
                rows = connection.execute(page).mappings().all()
            yield from map(_outcome, rows)
            if len(rows) < _PAGE:
                return
            place = rows[-1]["conversation_id"], rows[-1]["sequence"]


def _after(conversation_id: str, sequence: int) -> ColumnElement[bool]:
    later = messages.c.conversation_id > conversation_id
    same = messages.c.conversation_id == conversation_id
    return later | (same & (messages.c.sequence > sequence))


def _outcome(row: RowMapping) -> Outcome:
    return Outcome(
        message_id=row["id"],
        conversation_id=row["conversation_id"],
        customer=row["customer"] or row["conversation_id"],
        channel=row["channel"],
        conversation_began=utc(row["began"]),
        handed_off=row["handoff"],
        at=utc(row["created_at"]),
        text=row["text"],
        language=row["language"],
        action=row["action"],
        intent=row["intent"],
        confidence=row["confidence"],
        evidence=row["evidence"],
        suggestions=tuple(row["suggestions"]),
        latency_ms=row["latency_ms"],
        error=row["error"],
        helpful=row["helpful"],
    )
