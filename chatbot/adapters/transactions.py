"""Transactions whose faults are said in the product's own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from chatbot.adapters.database import READS_ONLY
from chatbot.errors import StoreUnavailable


class Transactions:
    """Raise StoreUnavailable where the database cannot answer, and IntegrityError as it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._readers = engine.execution_options(**{READS_ONLY: True})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        try:
            with self._readers.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreUnavailable(type(error).__name__) from None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise StoreUnavailable(type(error).__name__) from None

    def empty_journal(self) -> int:
        """Overwritten pages leave SQLite's write-ahead log; how many, of 4 KiB, it held.

        Those who read at this moment keep them there until the log is emptied the next time.
        """
        if self._engine.dialect.name != "sqlite":
            return 0
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            held = cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()
        # A database without a write-ahead log answers -1.
        return max(0, int(held[1]))


def utc(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything Kefu writes is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
