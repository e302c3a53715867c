"""An engine with the settings that SQLite and PostgreSQL need, and the way to today's schema."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DisconnectionError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from chatbot.errors import SettingsInvalid, StoreUnavailable

MIGRATION_LOCK = 0x6B656675
BACKENDS = ("sqlite", "postgresql")
READS_ONLY = "kefu_reads_only"
"""Execution option of a connection that will not write, and so need not queue on SQLite."""
_FILE = "kefu_file"


def connect(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…`; PostgreSQL always speaks psycopg 3."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        sqlite = parsed.get_backend_name() == "sqlite"
        if parsed.get_backend_name() not in BACKENDS:
            raise ArgumentError(parsed.get_backend_name())
        if sqlite and parsed.database not in (None, "", ":memory:"):
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=not sqlite, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise SettingsInvalid(
            "KEFU_DATABASE_URL is not a database address: use sqlite:///path or postgresql://…"
        ) from None
    except ModuleNotFoundError:
        raise SettingsInvalid(
            "PostgreSQL needs the extra `postgres`: pip install 'kefu[postgres]'."
        ) from None
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        if parsed.database not in (None, "", ":memory:") and "uri" not in parsed.query:
            _DatabaseFile(Path(str(parsed.database)).absolute()).guard(engine)
    return engine


class _DatabaseFile:
    """A database file that is moved away takes its open connections along, and SQLite puts an
    empty one in its place: nothing of both may go unnoticed, nor outlast the file's return."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = False

    def guard(self, engine: Engine) -> None:
        event.listen(engine, "do_connect", self._before)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "checkout", self._checked_out)

    def _before(self, *_: object) -> None:
        if self._seen and self._identity() is None:
            raise sqlite3.OperationalError("the database file is gone")

    def _connected(self, _connection: object, record: ConnectionPoolEntry) -> None:
        self._seen = True
        record.info[_FILE] = self._identity()

    def _checked_out(self, _connection: object, record: ConnectionPoolEntry, _: object) -> None:
        if record.info.get(_FILE) != self._identity():
            raise DisconnectionError

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions late and leave CREATE TABLE out of them.
    connection.isolation_level = None
    # WAL lets readers go on while one turn is written; a busy writer is waited for, not refused.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        # What is erased is overwritten, not only unlinked.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers queue at the start: one that has read before cannot be let in later."""
    reads = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def migrate(engine: Engine, *, to: str = "head") -> None:
    """Bring the schema to the newest version; a database that is already there is untouched."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("chatbot") / "migrations"))
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Several replicas may start at once: one migrates, the others wait for it.
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except SQLAlchemyError as error:
        raise StoreUnavailable(type(error).__name__) from None
