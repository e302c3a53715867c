"""Stored texts that older rules masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, func, select, update

from chatbot.adapters.store_personal_data import read_kept
from chatbot.adapters.tables import feedback, messages, review_items
from chatbot.adapters.transactions import Transactions
from chatbot.conversation import Author
from chatbot.privacy_ports import Kept, Remasked

_PAGE = 500
_SPEAKERS = (Author.CUSTOMER.value, Author.AGENT.value)
"""The bot's own words come from the knowledge base: they are masked by nobody."""


class SqlMasks:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def outdated(self, rules: int) -> int:
        query = (
            select(func.count())
            .select_from(messages)
            .where(messages.c.masked_by < rules, messages.c.author.in_(_SPEAKERS))
        )
        with self._transactions.reading() as connection:
            return connection.execute(query).scalar_one()

    def outdated_conversations(self, rules: int, *, limit: int) -> list[tuple[Kept, ...]]:
        which = (
            select(messages.c.conversation_id)
            .where(messages.c.masked_by < rules, messages.c.author.in_(_SPEAKERS))
            .group_by(messages.c.conversation_id)
            .order_by(func.min(messages.c.sequence))
            .limit(limit)
        )
        with self._transactions.reading() as connection:
            return [
                tuple(
                    read_kept(
                        connection,
                        messages.c.conversation_id == conversation_id,
                        messages.c.author.in_(_SPEAKERS),
                    )
                )
                for conversation_id in connection.execute(which).scalars().all()
            ]

    def keep(self, remasked: Sequence[Remasked], *, rules: int) -> int:
        changed = 0
        with self._transactions.writing() as connection:
            for one in remasked:
                # Erased or masked by somebody else in the meantime: that stands.
                due = update(messages).where(messages.c.id == one.id, messages.c.masked_by < rules)
                differs = due.where(messages.c.text != one.text, messages.c.text != "")
                changed += connection.execute(differs.values(text=one.text)).rowcount
                connection.execute(due.values(masked_by=rules))
        return changed

    def other_texts(self) -> Iterator[tuple[str, Remasked]]:
        sources = (
            ("review_items", review_items.c.id, review_items.c.text),
            ("feedback", feedback.c.message_id, feedback.c.reason),
        )
        for kind, key, text in sources:
            last = ""
            while True:
                query = select(key, text).where(key > last, text.is_not(None)).order_by(key)
                with self._transactions.reading() as connection:
                    page = connection.execute(query.limit(_PAGE)).all()
                if not page:
                    break
                yield from ((kind, Remasked(row[0], row[1])) for row in page)
                last = page[-1][0]

    def keep_other(self, kind: str, remasked: Remasked) -> None:
        if kind == "review_items":
            change = update(review_items).where(review_items.c.id == remasked.id)
            statement = change.values(text=remasked.text)
        else:
            change = update(feedback).where(feedback.c.message_id == remasked.id)
            # A customer who was erased in the meantime stays erased.
            statement = change.where(feedback.c.reason.is_not(None)).values(reason=remasked.text)
        with self._transactions.writing() as connection:
            connection.execute(statement)
