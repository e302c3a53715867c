"""The agents' queue and transcripts in SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import (
    Engine,
    RowMapping,
    Select,
    and_,
    case,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from chatbot.adapters.conversation_rows import event_row, read_conversation, read_message
from chatbot.adapters.tables import conversations, decisions, events, feedback, messages, users
from chatbot.adapters.transactions import Transactions, utc
from chatbot.conversation import Action, Author, Citation, State
from chatbot.errors import HandoffRefused, NotFound
from chatbot.handoff import CLOSED, Entry, Holder, Line, Move, Standing
from chatbot.people import User
from chatbot.sealing import open_message
from privacy.errors import PrivacyError
from privacy.keyring import KeyRing

_log = structlog.get_logger()


class SqlHandoffs:
    def __init__(self, engine: Engine, keys: KeyRing | None = None) -> None:
        self._transactions = Transactions(engine)
        self._keys = keys

    def entry(self, conversation_id: str) -> Entry | None:
        query = _entries().where(conversations.c.id == conversation_id)
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _entry(row)

    def queue(self, states: Sequence[str], *, limit: int) -> list[Entry]:
        waits = case((conversations.c.state == State.WAITING.value, 0), else_=1)
        query = (
            _entries()
            .where(_in_states(states))
            .order_by(waits, conversations.c.waiting_since, conversations.c.created_at.desc())
            .limit(limit)
        )
        with self._transactions.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def counts(self) -> dict[str, int]:
        query = (
            select(conversations.c.state, func.count())
            .where(
                conversations.c.closed_at.is_(None),
                conversations.c.state.in_([State.WAITING.value, State.HELD.value]),
            )
            .group_by(conversations.c.state)
        )
        with self._transactions.reading() as connection:
            found = {str(state): int(number) for state, number in connection.execute(query)}
        return {state.value: found.get(state.value, 0) for state in (State.WAITING, State.HELD)}

    def held_by(self, user_id: str) -> int:
        query = select(func.count()).where(
            conversations.c.holder == user_id,
            conversations.c.state == State.HELD.value,
            conversations.c.closed_at.is_(None),
        )
        with self._transactions.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def move(self, conversation_id: str, move: Move, *, by: User, at: datetime) -> None:
        columns = (conversations.c.state, conversations.c.holder, conversations.c.closed_at)
        known = select(*columns).where(conversations.c.id == conversation_id)
        with self._transactions.writing() as connection:
            row = connection.execute(known).one_or_none()
            if row is None:
                raise NotFound("conversation")
            before = Standing(State(row.state), row.holder, row.closed_at is not None)
            after = move(before)
            if after == before:
                return
            change = update(conversations).where(
                conversations.c.id == conversation_id, *_unchanged(before)
            )
            if connection.execute(change.values(_values(after, at))).rowcount == 0:
                raise HandoffRefused("Somebody else was quicker: look at the conversation again.")
            state = CLOSED if after.closed else after.state.value
            told = {"state": state, **({"agent_name": by.name} if after.holder else {})}
            connection.execute(
                insert(events).values(event_row(conversation_id, "state", at=at, **told))
            )

    def transcript(self, conversation_id: str) -> list[Line]:
        query = (
            _lines()
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.sequence)
        )
        with self._transactions.reading() as connection:
            return [_line(row) for row in connection.execute(query).mappings()]

    def line(self, message_id: str) -> Line | None:
        query = _lines().where(messages.c.id == message_id)
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _line(row)

    def spoken(self, message_id: str) -> str | None:
        query = (
            select(
                messages.c.text,
                messages.c.sealed,
                func.coalesce(conversations.c.customer, conversations.c.id).label("customer"),
            )
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.id == message_id, messages.c.author == Author.AGENT.value)
        )
        with self._transactions.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.sealed is None or self._keys is None:
            return str(row.text)
        try:
            return open_message(
                self._keys, row.sealed, customer=row.customer, message_id=message_id
            )
        except (PrivacyError, OSError) as error:
            # The masked text says most of it, and an erased customer is owed no more.
            _log.warning("original_not_opened", message=message_id, error=type(error).__name__)
            return str(row.text)


def _entries() -> Select[Any]:
    inner = messages.alias("inner")
    last = (
        select(func.max(inner.c.sequence))
        .where(inner.c.conversation_id == conversations.c.id, inner.c.text != "")
        .correlate(conversations)
        .scalar_subquery()
    )
    said = [
        column.label(f"last_{column.name}")
        for column in messages.columns
        if column.name != "sealed"
    ]
    return (
        select(conversations, users.c.name.label("holder_name"), *said)
        .outerjoin(users, users.c.id == conversations.c.holder)
        .outerjoin(messages, messages.c.sequence == last)
    )


def _in_states(states: Sequence[str]) -> Any:
    alive = [state for state in states if state != CLOSED]
    conditions = [and_(conversations.c.state.in_(alive), conversations.c.closed_at.is_(None))]
    if CLOSED in states:
        conditions.append(conversations.c.closed_at.is_not(None))
    return or_(false(), *conditions)


def _unchanged(before: Standing) -> tuple[Any, ...]:
    holder, closed_at = conversations.c.holder, conversations.c.closed_at
    return (
        conversations.c.state == before.state.value,
        holder.is_(None) if before.holder is None else holder == before.holder,
        closed_at.is_not(None) if before.closed else closed_at.is_(None),
    )


def _values(after: Standing, at: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"state": after.state.value, "holder": after.holder}
    if after.state is not State.WAITING:
        values["waiting_since"] = None
    if after.state is State.HELD:
        values["handoff"] = True
    if after.closed:
        values["closed_at"] = at
    return values


def _entry(row: RowMapping) -> Entry:
    last = None
    if row["last_id"] is not None:
        last = read_message(_last(row))
    conversation = read_conversation(row)
    return Entry(
        conversation=conversation,
        holder=Holder(row["holder"], row["holder_name"]) if row["holder"] else None,
        waiting_since=utc(row["waiting_since"]) if row["waiting_since"] else None,
        reason=row["handoff_reason"],
        language=last.language if last is not None else conversation.language,
        last=last,
    )


def _last(row: RowMapping) -> RowMapping:
    said = {name.removeprefix("last_"): row[name] for name in row if name.startswith("last_")}
    return cast(RowMapping, said)


def _lines() -> Select[Any]:
    return (
        select(
            messages,
            users.c.name.label("agent_name"),
            decisions.c.action,
            decisions.c.intent,
            decisions.c.confidence,
            decisions.c.evidence,
            decisions.c.citations,
            feedback.c.helpful,
        )
        .outerjoin(users, users.c.id == messages.c.agent_id)
        .outerjoin(decisions, decisions.c.message_id == messages.c.id)
        .outerjoin(feedback, feedback.c.message_id == messages.c.id)
    )


def _line(row: RowMapping) -> Line:
    message = read_message(row)
    return Line(
        message=message,
        agent_name=row["agent_name"],
        sealed=row["sealed"] is not None,
        action=Action(row["action"]) if row["action"] else None,
        intent=row["intent"] or "",
        confidence=row["confidence"] or 0.0,
        rival=_rival(row["evidence"] or {}),
        citations=tuple(Citation(**citation) for citation in row["citations"] or ()),
        helpful=row["helpful"],
    )


def _rival(evidence: Mapping[str, Any]) -> str:
    ranking = evidence.get("ranking", ())
    return str(ranking[1][0]) if evidence.get("ambiguous") and len(ranking) > 1 else ""
