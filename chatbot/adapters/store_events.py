"""What happened in conversations, in the order in which browsers hear of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Select, and_, func, or_, select

from chatbot.adapters.tables import events
from chatbot.adapters.transactions import Transactions, utc
from chatbot.happenings import Event

LATE = 200
"""PostgreSQL gives numbers before it commits: a lower one may come into sight after a higher."""
LATE_SECONDS = 30


class SqlEvents:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def newest(self) -> int:
        """0 before the first event."""
        with self._transactions.reading() as connection:
            return int(connection.execute(select(func.max(events.c.sequence))).scalar() or 0)

    def since(self, after: int, *, limit: int = 1000) -> list[Event]:
        return self._read(select(events).where(events.c.sequence > after).limit(limit))

    def of(self, conversation_id: str, *, after: int, now: datetime) -> list[Event]:
        """What came after that number, and late messages before it: those may be known already."""
        late = and_(
            events.c.sequence > after - LATE,
            events.c.kind == "message",
            events.c.created_at > now.astimezone(UTC) - timedelta(seconds=LATE_SECONDS),
        )
        return self._read(
            select(events).where(
                events.c.conversation_id == conversation_id,
                or_(events.c.sequence > after, late),
            )
        )

    def _read(self, query: Select[Any]) -> list[Event]:
        with self._transactions.reading() as connection:
            rows = connection.execute(query.order_by(events.c.sequence)).mappings()
            return [
                Event(
                    sequence=row["sequence"],
                    conversation_id=row["conversation_id"],
                    kind=row["kind"],
                    data=row["data"],
                    created_at=utc(row["created_at"]),
                )
                for row in rows
            ]
