"""Accounts and their sessions in SQLite or PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.adapters.tables import sessions, users
from chatbot.adapters.transactions import Transactions, utc
from chatbot.errors import AccountInvalid
from chatbot.people import Role, Session, User


class SqlUsers:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def add(self, user: User, password_hash: str) -> None:
        values = {**asdict(user), "password_hash": password_hash}
        try:
            with self._transactions.writing() as connection:
                connection.execute(insert(users).values(values))
        except IntegrityError:
            raise AccountInvalid("This e-mail address has an account already.") from None

    def all(self) -> list[User]:
        with self._transactions.reading() as connection:
            rows = connection.execute(select(users).order_by(users.c.email)).mappings()
            return [_user(row) for row in rows]

    def find(self, user_id: str) -> User | None:
        row = self._one(users.c.id == user_id)
        return None if row is None else _user(row)

    def find_email(self, email: str) -> tuple[User, str] | None:
        row = self._one(users.c.email == email)
        return None if row is None else (_user(row), str(row["password_hash"]))

    def change(self, user: User, *, password_hash: str | None = None) -> None:
        values: dict[str, Any] = {
            "name": user.name,
            "role": user.role.value,
            "language": user.language,
            "disabled_at": user.disabled_at,
        }
        if password_hash is not None:
            values["password_hash"] = password_hash
        with self._transactions.writing() as connection:
            role = select(users.c.role).where(users.c.id == user.id)
            moved = connection.execute(role).scalar_one_or_none() != user.role.value
            connection.execute(update(users).where(users.c.id == user.id).values(values))
            if moved or user.disabled_at is not None or password_hash is not None:
                connection.execute(delete(sessions).where(sessions.c.user_id == user.id))

    def keep_session(self, fingerprint: str, session: Session, *, at: datetime) -> None:
        fresh = insert(sessions).values(
            token_sha256=fingerprint,
            user_id=session.user.id,
            created_at=at,
            expires_at=session.expires_at,
        )
        with self._transactions.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
            connection.execute(fresh)

    def session(self, fingerprint: str) -> Session | None:
        query = (
            select(users, sessions.c.expires_at)
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(sessions.c.token_sha256 == fingerprint, users.c.disabled_at.is_(None))
        )
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else Session(_user(row), utc(row["expires_at"]))

    def end_session(self, fingerprint: str) -> None:
        with self._transactions.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_sha256 == fingerprint))

    def _one(self, condition: Any) -> RowMapping | None:
        with self._transactions.reading() as connection:
            return connection.execute(select(users).where(condition)).mappings().one_or_none()


def _user(row: RowMapping) -> User:
    return User(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        language="zh" if row["language"] == "zh" else "en",
        created_at=utc(row["created_at"]),
        disabled_at=utc(row["disabled_at"]) if row["disabled_at"] else None,
    )
