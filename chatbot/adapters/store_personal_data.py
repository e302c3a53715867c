"""Everything the database holds about one customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, select

from chatbot.adapters.conversation_rows import read_conversation, read_message
from chatbot.adapters.tables import (
    attributes,
    consents,
    conversations,
    decisions,
    feedback,
    messages,
    review_items,
)
from chatbot.adapters.transactions import Transactions, utc
from chatbot.generate import Outcome
from chatbot.masking import Masking
from chatbot.privacy_ports import Footprint, Kept, KeptConversation

_EXPLAINED = ("action", "intent", "confidence", "citations", "versions")


class SqlPersonalData:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def find(self, message_id: str) -> Kept | None:
        with self._transactions.reading() as connection:
            found = read_kept(connection, messages.c.id == message_id)
        return found[0] if found else None

    def sealed_in(self, conversation_id: str) -> list[Kept]:
        theirs = messages.c.conversation_id == conversation_id
        with self._transactions.reading() as connection:
            return read_kept(connection, theirs, messages.c.sealed.is_not(None))

    def conversations(self, customer: str) -> Iterator[KeptConversation]:
        query = select(conversations).where(conversations.c.customer == customer)
        with self._transactions.reading() as connection:
            rows = connection.execute(query.order_by(conversations.c.created_at)).mappings().all()
        for row in rows:
            with self._transactions.reading() as connection:
                yield _conversation(connection, row)

    def belongings(self, customer: str) -> Mapping[str, list[dict[str, Any]]]:
        columns = [review_items.c[name] for name in ("text", "language", "label", "state")]
        query = select(*columns, review_items.c.created_at.label("at")).where(
            review_items.c.customer == customer
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query.order_by(review_items.c.id)).mappings()
            return {"review_items": [{**row, "at": utc(row["at"])} for row in rows]}

    def knows(self, customer: str) -> bool:
        tables = (conversations, consents, attributes, review_items)
        with self._transactions.reading() as connection:
            return any(
                connection.execute(
                    select(table.c.customer).where(table.c.customer == customer).limit(1)
                ).first()
                for table in tables
            )

    def footprint(self, customer: str) -> Footprint:
        with self._transactions.reading() as connection:
            return Footprint(_reviewed(connection, customer), _answered(connection, customer))


def _reviewed(connection: Connection, customer: str) -> dict[str, dict[str, str]]:
    columns = [review_items.c[name] for name in ("collection", "id", "text")]
    found: dict[str, dict[str, str]] = {}
    query = select(*columns).where(review_items.c.customer == customer)
    for collection, identifier, text in connection.execute(query):
        found.setdefault(collection, {})[identifier] = text
    return found


def _answered(connection: Connection, customer: str) -> list[dict[str, Any]]:
    query = (
        select(conversations.c.collection, decisions.c.versions)
        .join(messages, messages.c.id == decisions.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.customer == customer)
    )
    turns = Counter(
        (collection, part, str(version))
        for collection, versions in connection.execute(query)
        for part, version in versions.items()
    )
    return [
        {"collection": collection, "part": part, "version": version, "turns": count}
        for (collection, part, version), count in sorted(turns.items())
    ]


def read_kept(connection: Connection, *conditions: ColumnElement[bool]) -> list[Kept]:
    """Messages with what is sealed of them, oldest first."""
    query = (
        select(
            messages,
            conversations.c.customer,
            conversations.c.holder,
            conversations.c.id.label("conversation"),
        )
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(*conditions)
        .order_by(messages.c.sequence)
    )
    return [
        Kept(
            message=read_message(row),
            customer=row["customer"] or row["conversation"],
            holder=row["holder"],
            sealed=row["sealed"],
            masked_by=Masking(row["masked_by"], row["masked_types"]),
        )
        for row in connection.execute(query).mappings()
    ]


def _conversation(connection: Connection, row: RowMapping) -> KeptConversation:
    kept = read_kept(connection, messages.c.conversation_id == row["id"])
    ids = [one.message.id for one in kept]
    return KeptConversation(
        conversation=read_conversation(row),
        messages=tuple(kept),
        decisions=_decisions(connection, ids),
        feedback=_feedback(connection, ids),
    )


def _decisions(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    query = select(decisions).where(decisions.c.message_id.in_(ids))
    return {
        row["message_id"]: {name: row[name] for name in _EXPLAINED}
        | {"reason": row["evidence"].get("reason"), "generated": _was_generated(row["evidence"])}
        for row in connection.execute(query).mappings()
    }


def _was_generated(evidence: Mapping[str, Any]) -> bool:
    """By a language model, and not taken from an article after all."""
    return (evidence.get("generated") or {}).get("outcome") == Outcome.ANSWERED.value


def _feedback(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    query = select(feedback).where(feedback.c.message_id.in_(ids))
    return {
        row["message_id"]: {
            "helpful": row["helpful"],
            "reason": row["reason"],
            "at": utc(row["created_at"]),
        }
        for row in connection.execute(query).mappings()
    }
