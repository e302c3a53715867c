"""Whatever is sealed in the database, to be sealed anew: messages and attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Column, ColumnElement, Engine, Update, and_, func, or_, select, update

from chatbot.adapters.tables import attributes, conversations, messages
from chatbot.adapters.transactions import Transactions
from chatbot.privacy_ports import SealedValue
from chatbot.sealing import attribute_context, message_context
from privacy.envelope import Context

_PAGE = 500
# A conversation whose customer nobody named is its own customer; told apart, each has an index.
_NAMED = conversations.c.customer.is_not(None)
_NAMELESS = conversations.c.customer.is_(None)
_ALONE = attributes.c.customer.not_in(select(conversations.c.customer).where(_NAMED))
_SOURCES: tuple[tuple[Column[str], ColumnElement[bool]], ...] = (
    (conversations.c.customer, _NAMED),
    (conversations.c.id, _NAMELESS),
    (attributes.c.customer, _ALONE),
)


class SqlSealedValues:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def count_customers(self) -> int:
        with self._transactions.reading() as connection:
            return sum(
                connection.execute(select(func.count(column.distinct())).where(which)).scalar_one()
                for column, which in _SOURCES
            )

    def customers(self) -> Iterator[str]:
        for column, which in _SOURCES:
            last = ""
            while True:
                query = select(column).where(which, column > last).distinct().order_by(column)
                with self._transactions.reading() as connection:
                    page = connection.execute(query.limit(_PAGE)).scalars().all()
                yield from page
                if len(page) < _PAGE:
                    break
                last = page[-1]

    def of(self, customer: str) -> Iterator[SealedValue]:
        yield from self._messages(customer)
        mine = select(attributes.c.name, attributes.c.sealed).where(
            attributes.c.customer == customer
        )
        with self._transactions.reading() as connection:
            told = connection.execute(mine.order_by(attributes.c.name)).all()
        for name, sealed in told:
            yield SealedValue(attribute_context(customer, name), sealed)

    def _messages(self, customer: str) -> Iterator[SealedValue]:
        theirs = or_(
            conversations.c.customer == customer,
            and_(_NAMELESS, conversations.c.id == customer),
        )
        query = (
            select(messages.c.sequence, messages.c.id, messages.c.sealed)
            .join(conversations, messages.c.conversation_id == conversations.c.id)
            .where(theirs, messages.c.sealed.is_not(None))
            .order_by(messages.c.sequence)
        )
        last = 0
        while True:
            with self._transactions.reading() as connection:
                page = connection.execute(
                    query.where(messages.c.sequence > last).limit(_PAGE)
                ).all()
            for _, message_id, sealed in page:
                yield SealedValue(message_context(message_id), sealed)
            if len(page) < _PAGE:
                return
            last = page[-1][0]

    def replace(self, changes: Sequence[tuple[SealedValue, bytes]]) -> int:
        count = 0
        if not changes:
            return count
        with self._transactions.writing() as connection:
            for value, sealed in changes:
                statement = _row(value.place, value.sealed).values(sealed=sealed)
                count += connection.execute(statement).rowcount
        return count

    def empty_journal(self) -> None:
        self._transactions.empty_journal()


def _row(place: Context, sealed: bytes) -> Update:
    """Only as it was read: what was erased or told anew meanwhile stands."""
    if place.table == messages.name:
        return update(messages).where(messages.c.id == place.row, messages.c.sealed == sealed)
    return update(attributes).where(
        attributes.c.customer == place.row,
        attributes.c.name == place.field,
        attributes.c.sealed == sealed,
    )
