"""Retention in the database: what is due by its age is deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from chatbot.adapters.tables import (
    attributes,
    consents,
    conversations,
    erasures,
    messages,
    review_items,
)
from chatbot.adapters.transactions import Transactions
from chatbot.privacy_ports import Purged
from privacy.retention import Category, RetentionRules

_BATCH = 500


class SqlRetention:
    """In batches: a customer who writes meanwhile waits for one of them only.

    The ledger is not shortened: a chain without its beginning proves nothing, and its entries name
    nobody.
    """

    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def purge(self, rules: RetentionRules, *, now: datetime) -> Purged:
        originals = rules.cutoff(Category.ORIGINAL, now=now)
        redacted = rules.cutoff(Category.REDACTED, now=now)
        expired, touched = self._drop_originals(originals)
        counts = {
            "originals": expired,
            "conversations": self._delete(conversations.c.id, _over(redacted)),
            "attributes": self._delete(attributes.c.customer, attributes.c.created_at <= redacted),
            "review_items": self._delete(review_items.c.id, review_items.c.created_at <= redacted),
            "consents": self._delete_consents(rules.cutoff(Category.CONSENT, now=now)),
            "erasures": self._delete(
                erasures.c.id, erasures.c.done_at <= rules.cutoff(Category.AUDIT, now=now)
            ),
        }
        self._transactions.empty_journal()
        with self._transactions.reading() as connection:
            keyless = [one for one in touched if not _needs_key(connection, one, originals)]
        return Purged(counts, tuple(keyless))

    def _drop_originals(self, cutoff: datetime) -> tuple[int, list[str]]:
        due = and_(messages.c.sealed.is_not(None), messages.c.created_at <= cutoff)
        query = (
            select(messages.c.id, func.coalesce(conversations.c.customer, conversations.c.id))
            .join(conversations, messages.c.conversation_id == conversations.c.id)
            .where(due)
            .limit(_BATCH)
        )
        count, touched = 0, dict[str, None]()
        while True:
            with self._transactions.writing() as connection:
                batch = connection.execute(query).all()
                which = messages.c.id.in_([row[0] for row in batch])
                count += connection.execute(
                    update(messages).where(which).values(sealed=None)
                ).rowcount
            touched |= {row[1]: None for row in batch}
            if len(batch) < _BATCH:
                return count, list(touched)

    def _delete(self, key: Column[str], due: ColumnElement[bool]) -> int:
        count = 0
        while True:
            with self._transactions.writing() as connection:
                batch = connection.execute(select(key).where(due).limit(_BATCH)).scalars().all()
                count += connection.execute(delete(key.table).where(key.in_(batch), due)).rowcount
            if len(batch) < _BATCH:
                return count

    def _delete_consents(self, cutoff: datetime) -> int:
        """At once: without its refusal an older consent would hold again."""
        with self._transactions.writing() as connection:
            return connection.execute(delete(consents).where(_spent(cutoff))).rowcount


def _over(cutoff: datetime) -> ColumnElement[bool]:
    """Nobody has said anything since; messages and all that hangs on them go along."""
    said_since = exists().where(
        messages.c.conversation_id == conversations.c.id, messages.c.created_at > cutoff
    )
    return and_(conversations.c.created_at <= cutoff, ~said_since)


def _spent(cutoff: datetime) -> ColumnElement[bool]:
    """Withdrawn or overtaken by a later statement before `cutoff`.

    A refusal goes together with what it withdrew, or that would hold again.
    """
    later = consents.alias("later")
    overtaken = exists().where(
        later.c.customer == consents.c.customer,
        later.c.scope == consents.c.scope,
        later.c.at <= cutoff,
        or_(
            later.c.at > consents.c.at,
            and_(later.c.at == consents.c.at, later.c.granted == false()),
        ),
    )
    refused = and_(consents.c.granted == false(), consents.c.at <= cutoff)
    return or_(refused, overtaken)


def _needs_key(connection: Connection, customer: str, cutoff: datetime) -> bool:
    """Something is sealed still, or the customer wrote since `cutoff` and may write on."""
    whose = func.coalesce(conversations.c.customer, conversations.c.id)
    in_use = (
        select(messages.c.id)
        .join(conversations, messages.c.conversation_id == conversations.c.id)
        .where(
            whose == customer,
            or_(messages.c.sealed.is_not(None), messages.c.created_at > cutoff),
        )
        .limit(1)
    )
    given = select(attributes.c.name).where(attributes.c.customer == customer).limit(1)
    return any(connection.execute(query).first() is not None for query in (in_use, given))
