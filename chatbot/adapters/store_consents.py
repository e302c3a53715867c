"""Statements of consent in the database; rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, insert, select

from chatbot.adapters.tables import consents
from chatbot.adapters.transactions import Transactions, utc
from privacy.consent import Consent, Scope


class SqlConsents:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def add(self, statements: Sequence[Consent]) -> None:
        if not statements:
            return
        rows = [vars(statement) | {"scope": statement.scope.value} for statement in statements]
        with self._transactions.writing() as connection:
            connection.execute(insert(consents), rows)

    def history(self, customer: str) -> list[Consent]:
        query = (
            select(consents).where(consents.c.customer == customer).order_by(consents.c.sequence)
        )
        with self._transactions.reading() as connection:
            return [
                Consent(
                    customer=row["customer"],
                    scope=Scope(row["scope"]),
                    granted=row["granted"],
                    at=utc(row["at"]),
                    wording_version=row["wording_version"],
                    language=row["language"],
                )
                for row in connection.execute(query).mappings()
            ]
