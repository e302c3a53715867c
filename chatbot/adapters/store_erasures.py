"""Erasure in the database: what a customer said or gave is overwritten or deleted.

Counts, decisions and timings stay for the audits, under an alias that leads to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    delete,
    func,
    insert,
    null,
    select,
    update,
)

from chatbot.adapters.conversation_rows import event_row
from chatbot.adapters.tables import (
    assists,
    attributes,
    consents,
    conversations,
    decisions,
    erasures,
    events,
    feedback,
    messages,
    review_items,
)
from chatbot.adapters.transactions import Transactions, utc
from chatbot.conversation import State
from chatbot.privacy_ports import Counts, ErasureRecord, Models

_NO_TOKEN = "0" * 64
"""The SHA-256 of nothing that is known: no Bearer opens the conversation again."""


class SqlErasures:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def begin(self, erasure: ErasureRecord) -> ErasureRecord:
        unfinished = select(erasures).where(
            erasures.c.customer_sha256 == erasure.reference, erasures.c.done_at.is_(None)
        )
        with self._transactions.writing() as connection:
            row = connection.execute(unfinished).mappings().first()
            if row is not None:
                return _erasure(row)
            connection.execute(
                insert(erasures).values(
                    id=erasure.id,
                    customer_sha256=erasure.reference,
                    requested_at=erasure.requested_at,
                    deadline=erasure.deadline,
                    counts={},
                )
            )
        return erasure

    def delete(self, customer: str, *, alias: str, at: datetime) -> Counts:
        with self._transactions.writing() as connection:
            counts = _blank_conversations(connection, customer)
            for table in (review_items, attributes):
                gone = connection.execute(delete(table).where(table.c.customer == customer))
                counts[table.name] = gone.rowcount
            # That consent was given must be provable after the customer has gone.
            named = update(consents).where(consents.c.customer == customer)
            counts["consents_kept"] = connection.execute(named.values(customer=alias)).rowcount
            _say_closed(connection, customer, at)
            ended = update(conversations).where(conversations.c.customer == customer)
            counts["conversations"] = connection.execute(
                ended.values(
                    customer=alias,
                    token_sha256=_NO_TOKEN,
                    closed_at=func.coalesce(conversations.c.closed_at, at),
                    memory=null(),
                    state=State.BOT.value,
                    holder=None,
                    waiting_since=None,
                )
            ).rowcount
        return {**counts, "journal_pages": self._transactions.empty_journal()}

    def keep_models(self, erasure_id: str, models: Models) -> None:
        found = update(erasures).where(erasures.c.id == erasure_id)
        with self._transactions.writing() as connection:
            connection.execute(found.values(models=dict(models)))

    def finish(self, erasure_id: str, *, at: datetime, counts: Counts) -> None:
        done = update(erasures).where(erasures.c.id == erasure_id)
        with self._transactions.writing() as connection:
            connection.execute(done.values(done_at=at, counts=dict(counts)))

    def all(self) -> list[ErasureRecord]:
        query = select(erasures).order_by(erasures.c.requested_at)
        with self._transactions.reading() as connection:
            return [_erasure(row) for row in connection.execute(query).mappings()]


def _blank_conversations(connection: Connection, customer: str) -> dict[str, int]:
    theirs = select(conversations.c.id).where(conversations.c.customer == customer)
    spoken = messages.c.conversation_id.in_(theirs)
    rated = feedback.c.message_id.in_(select(messages.c.id).where(spoken))
    sealed = connection.execute(
        update(messages).where(spoken, messages.c.sealed.is_not(None)).values(sealed=None)
    )
    said = connection.execute(update(messages).where(spoken, messages.c.text != "").values(text=""))
    reasons = connection.execute(
        update(feedback).where(rated, feedback.c.reason.is_not(None)).values(reason=None)
    )
    offered = connection.execute(
        update(assists).where(assists.c.conversation_id.in_(theirs)).values(text="")
    )
    _blank_evidence(connection, decisions.c.message_id.in_(select(messages.c.id).where(spoken)))
    return {
        "originals": sealed.rowcount,
        "messages": said.rowcount,
        "feedback_reasons": reasons.rowcount,
        "suggested_replies": offered.rowcount,
    }


def _say_closed(connection: Connection, customer: str, at: datetime) -> None:
    """To browsers that have one of the conversations open."""
    still = select(conversations.c.id).where(
        conversations.c.customer == customer, conversations.c.closed_at.is_(None)
    )
    rows = [
        event_row(conversation, "state", at=at, state="closed")
        for conversation in connection.execute(still).scalars().all()
    ]
    if rows:
        connection.execute(insert(events), rows)


def _blank_evidence(connection: Connection, theirs: ColumnElement[bool]) -> None:
    """Of why the bot decided so, only the rule's name stays."""
    query = select(decisions.c.message_id, decisions.c.evidence).where(theirs)
    for message_id, evidence in connection.execute(query).all():
        kept: Mapping[str, Any] = {"reason": evidence.get("reason")}
        connection.execute(
            update(decisions).where(decisions.c.message_id == message_id).values(evidence=kept)
        )


def _erasure(row: RowMapping) -> ErasureRecord:
    return ErasureRecord(
        id=row["id"],
        reference=row["customer_sha256"],
        requested_at=utc(row["requested_at"]),
        deadline=utc(row["deadline"]),
        done_at=utc(row["done_at"]) if row["done_at"] else None,
        counts=row["counts"],
        models=row["models"],
    )
