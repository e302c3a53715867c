"""Stored texts that older rules masked, or other types of the company's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Engine, and_, func, or_, select, update

from chatbot.adapters.store_personal_data import read_kept
from chatbot.adapters.tables import feedback, messages, review_items
from chatbot.adapters.transactions import Transactions
from chatbot.conversation import Author
from chatbot.masking import Masking
from chatbot.privacy_ports import Kept, Remasked

_PAGE = 500
_SPEAKERS = (Author.CUSTOMER.value, Author.AGENT.value)
"""The bot's own words come from the knowledge base: they are masked by nobody."""


class SqlMasks:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def outdate(self) -> None:
        statement = update(messages).where(messages.c.author.in_(_SPEAKERS)).values(masked_by=0)
        with self._transactions.writing() as connection:
            connection.execute(statement)

    def outdated(self, masking: Masking) -> int:
        query = (
            select(func.count())
            .select_from(messages)
            .where(_outdated(masking), messages.c.author.in_(_SPEAKERS))
        )
        with self._transactions.reading() as connection:
            return connection.execute(query).scalar_one()

    def outdated_conversations(self, masking: Masking, *, limit: int) -> list[tuple[Kept, ...]]:
        which = (
            select(messages.c.conversation_id)
            .where(_outdated(masking), messages.c.author.in_(_SPEAKERS))
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

    def keep(self, remasked: Sequence[Remasked], *, masking: Masking) -> int:
        changed = 0
        with self._transactions.writing() as connection:
            for one in remasked:
                # Erased or masked by somebody else in the meantime: that stands.
                due = update(messages).where(messages.c.id == one.id, _outdated(masking))
                differs = due.where(messages.c.text != one.text, messages.c.text != "")
                changed += connection.execute(differs.values(text=one.text)).rowcount
                connection.execute(due.values(masked_by=masking.rules, masked_types=masking.types))
        return changed

    def count_others(self) -> int:
        with self._transactions.reading() as connection:
            return sum(
                connection.execute(select(func.count()).where(text.is_not(None))).scalar_one()
                for text in (review_items.c.text, feedback.c.reason)
            )

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


def _outdated(masking: Masking) -> ColumnElement[bool]:
    """As `Masking.outdates` has it."""
    same = and_(messages.c.masked_by == masking.rules, messages.c.masked_types != masking.types)
    return or_(messages.c.masked_by < masking.rules, same)
