"""Keys of other programs in SQLite or PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Engine, RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.adapters.tables import api_keys
from chatbot.adapters.transactions import Transactions, utc
from chatbot.api_keys import ApiKey
from chatbot.errors import ApiKeyInvalid


class SqlApiKeys:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def add(self, key: ApiKey, fingerprint: str) -> None:
        values = {**asdict(key), "key_sha256": fingerprint}
        try:
            with self._transactions.writing() as connection:
                connection.execute(insert(api_keys).values(values))
        except IntegrityError:
            raise ApiKeyInvalid(
                f"There is a key {key.name} already, or there was: choose another name."
            ) from None

    def all(self) -> list[ApiKey]:
        with self._transactions.reading() as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.name)).mappings()
            return [_key(row) for row in rows]

    def find(self, fingerprint: str) -> ApiKey | None:
        query = select(api_keys).where(api_keys.c.key_sha256 == fingerprint)
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _key(row)

    def revoke(self, name: str, *, at: datetime) -> bool:
        ended = (
            update(api_keys)
            .where(api_keys.c.name == name)
            .values(revoked_at=func.coalesce(api_keys.c.revoked_at, at))
        )
        with self._transactions.writing() as connection:
            return bool(connection.execute(ended).rowcount)


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        collection=row["collection"],
        created_at=utc(row["created_at"]),
        revoked_at=utc(row["revoked_at"]) if row["revoked_at"] else None,
    )
