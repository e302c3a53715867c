"""Attributes of customers in the database, each sealed with its customer's key."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import structlog
from sqlalchemy import Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.adapters.tables import attributes
from chatbot.adapters.transactions import Transactions, utc
from chatbot.errors import StoreUnavailable
from chatbot.privacy_ports import Told
from chatbot.sealing import attribute_context
from privacy.envelope import Sealed, seal, unseal
from privacy.errors import PrivacyError
from privacy.keyring import KeyRing

_log = structlog.get_logger()
_BATCH = 500
# A sealed text tells its length, and of a handful of values the length would tell which.
_LENGTH = 32


class SqlAttributes:
    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self._transactions = Transactions(engine)
        self._keys = keys

    def give(self, customer: str, name: str, *, value: str, at: datetime) -> None:
        given = {"sealed": self._seal(customer, name, value), "created_at": at}
        mine = (attributes.c.customer == customer, attributes.c.name == name)
        change = update(attributes).where(*mine).values(given)
        first = insert(attributes).values(customer=customer, name=name, **given)
        try:
            with self._transactions.writing() as connection:
                if connection.execute(change).rowcount == 0:
                    connection.execute(first)
        except IntegrityError:
            # Two first values at once: the other one is in, so this one changes it.
            with self._transactions.writing() as connection:
                connection.execute(change)

    def take_back(self, customer: str, *, name: str | None = None) -> int:
        gone = delete(attributes).where(attributes.c.customer == customer)
        if name is not None:
            gone = gone.where(attributes.c.name == name)
        with self._transactions.writing() as connection:
            count = connection.execute(gone).rowcount
        if count:
            self._transactions.empty_journal()
        return count

    def told_by(self, customers: Collection[str]) -> Iterator[Told]:
        everyone = sorted(customers)
        for start in range(0, len(everyone), _BATCH):
            some = attributes.c.customer.in_(everyone[start : start + _BATCH])
            query = select(attributes).where(some)
            with self._transactions.reading() as connection:
                rows = connection.execute(
                    query.order_by(attributes.c.customer, attributes.c.name)
                ).mappings()
                told = [self._told(row) for row in rows]
            yield from told

    def _seal(self, customer: str, name: str, value: str) -> bytes:
        try:
            key = self._keys.data_key(customer)
        except (PrivacyError, OSError) as error:
            # Unlike a message, this has no masked form that could be kept instead.
            raise StoreUnavailable(f"key ring: {type(error).__name__}") from None
        return seal(value.ljust(_LENGTH), key, context=attribute_context(customer, name)).to_bytes()

    def _told(self, row: RowMapping) -> Told:
        customer, name = row["customer"], row["name"]
        return Told(
            customer, name, self._open(customer, name, row["sealed"]), utc(row["created_at"])
        )

    def _open(self, customer: str, name: str, sealed: bytes) -> str | None:
        context = attribute_context(customer, name)
        try:
            text = unseal(Sealed.from_bytes(sealed), self._keys, customer=customer, context=context)
        except PrivacyError as error:
            _log.error("attribute_not_opened", attribute=name, error=type(error).__name__)
            return None
        return text.rstrip()
