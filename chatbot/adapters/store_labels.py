"""The review queue in SQLite or PostgreSQL, from the console's side."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.adapters.tables import review_items
from chatbot.adapters.transactions import Transactions, utc
from chatbot.labelling import APPROVED, PENDING, REJECTED, LabelTask


class SqlLabels:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def list(
        self, collection: str, *, state: str | None = None, offset: int = 0, limit: int = 50
    ) -> list[LabelTask]:
        query = (
            select(review_items)
            .where(*_in(collection, state))
            .order_by(review_items.c.created_at, review_items.c.id)
            .offset(offset)
            .limit(limit)
        )
        with self._transactions.reading() as connection:
            return [_task(row) for row in connection.execute(query).mappings()]

    def count(self, collection: str, *, state: str | None = None) -> int:
        query = select(func.count()).select_from(review_items).where(*_in(collection, state))
        with self._transactions.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def correct(self, task: LabelTask) -> None:
        change = (
            update(review_items)
            .where(review_items.c.id == task.id, review_items.c.state == PENDING)
            .values(suggested=task.suggested, reason=task.reason)
        )
        try:
            with self._transactions.writing() as connection:
                connection.execute(insert(review_items).values(asdict(task)))
        except IntegrityError:
            with self._transactions.writing() as connection:
                connection.execute(change)

    def decide(
        self, task_id: str, label: str | None, *, reviewer: str, at: datetime
    ) -> LabelTask | None:
        one = review_items.c.id == task_id
        values = {
            "label": label,
            "reviewer": reviewer,
            "state": REJECTED if label is None else APPROVED,
            "decided_at": at,
        }
        with self._transactions.writing() as connection:
            if not connection.execute(update(review_items).where(one).values(values)).rowcount:
                return None
            row = connection.execute(select(review_items).where(one)).mappings().one()
        return _task(row)


def _in(collection: str, state: str | None) -> tuple[Any, ...]:
    conditions = (review_items.c.collection == collection,)
    return conditions if state is None else (*conditions, review_items.c.state == state)


def _task(row: RowMapping) -> LabelTask:
    decided = row["decided_at"]
    return LabelTask(
        **dict(row)
        | {
            "created_at": utc(row["created_at"]),
            "decided_at": None if decided is None else utc(decided),
        }
    )
