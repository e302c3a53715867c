"""Suggested replies and what agents did with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatbot.adapters.tables import assists
from chatbot.adapters.transactions import Transactions
from chatbot.assist import Assist, Outcome, Suggested


class SqlAssists:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def offer(self, suggestions: Sequence[Suggested], *, at: datetime) -> None:
        wanted = [suggestion.id for suggestion in suggestions]
        with self._transactions.reading() as connection:
            known = set(
                connection.execute(select(assists.c.id).where(assists.c.id.in_(wanted))).scalars()
            )
        rows = [_row(one, at) for one in suggestions if one.id not in known]
        if not rows:
            return
        try:
            with self._transactions.writing() as connection:
                connection.execute(insert(assists), rows)
        except IntegrityError:
            # Two browsers asked at once: the ids say what is offered, so both mean the same.
            return

    def find(self, suggestion_id: str) -> Assist | None:
        with self._transactions.reading() as connection:
            query = select(assists).where(assists.c.id == suggestion_id)
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return Assist(
            id=row["id"],
            conversation_id=row["conversation_id"],
            text=row["text"],
            outcome=Outcome(row["outcome"]),
            agent_id=row["agent_id"],
            edit_distance=row["edit_distance"],
        )

    def decide(
        self,
        suggestion_id: str,
        outcome: Outcome,
        *,
        agent_id: str,
        edit_distance: int | None = None,
    ) -> bool:
        values = {
            "outcome": outcome.value,
            "agent_id": agent_id,
            "edit_distance": edit_distance,
        }
        one = assists.c.id == suggestion_id
        change = update(assists).where(one, assists.c.edit_distance.is_(None)).values(values)
        with self._transactions.writing() as connection:
            if connection.execute(change).rowcount:
                return True
            return connection.execute(select(assists.c.id).where(one)).first() is not None


def _row(one: Suggested, at: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "conversation_id": one.conversation_id,
        "message_id": one.message_id,
        "agent_id": None,
        "text": one.text,
        "document_id": one.document_id,
        "score": one.score,
        "outcome": Outcome.SHOWN.value,
        "edit_distance": None,
        "created_at": at,
    }
