"""The review queue in SQLite or PostgreSQL, from training's side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select

from chatbot.adapters.store_labels import SqlLabels
from chatbot.adapters.store_outcomes import SqlOutcomes
from chatbot.adapters.tables import review_items
from chatbot.adapters.transactions import Transactions
from chatbot.labelling import APPROVED, LabelTask
from privacy.consent import Scope


class SqlLessons:
    """The same rows as the console's; consent is looked up whenever something is taught."""

    def __init__(self, engine: Engine) -> None:
        self.labels = SqlLabels(engine)
        self._outcomes = SqlOutcomes(engine)
        self._transactions = Transactions(engine)

    def add(self, tasks: Iterable[LabelTask]) -> int:
        """How many were new; a known id stays as it is."""
        wanted = list({task.id: task for task in tasks}.values())
        customers = self._outcomes.customers_of([task.id for task in wanted])
        with self._transactions.writing() as connection:
            known = set(
                connection.execute(
                    select(review_items.c.id).where(
                        review_items.c.id.in_([task.id for task in wanted])
                    )
                ).scalars()
            )
            rows = [
                asdict(task) | {"customer": customers.get(task.id, task.customer)}
                for task in wanted
                if task.id not in known
            ]
            if rows:
                connection.execute(insert(review_items), rows)
        return len(rows)

    def all(self, collection: str, *, state: str | None, limit: int | None) -> list[LabelTask]:
        """Oldest first."""
        many = limit if limit is not None else self.labels.count(collection, state=state)
        return self.labels.list(collection, state=state, limit=many) if many else []

    def approved(self, collection: str, *, since: datetime | None) -> list[LabelTask]:
        """Oldest decision first, without the words of those who no longer agree to it."""
        agreed = self._outcomes.agreed(Scope.IMPROVE)
        found = [
            (task.decided_at, task.id, task)
            for task in self.all(collection, state=APPROVED, limit=None)
            if task.decided_at is not None
            and (since is None or task.decided_at >= since.astimezone(UTC))
            and (task.customer is None or agreed.get(task.customer, False))
        ]
        return [task for _, _, task in sorted(found, key=lambda one: one[:2])]
