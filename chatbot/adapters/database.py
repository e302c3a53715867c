"""An engine with the settings that SQLite and PostgreSQL need, and the way to today's schema."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from chatbot.errors import SettingsInvalid, StoreUnavailable

MIGRATION_LOCK = 0x6B656675
BACKENDS = ("sqlite", "postgresql")
READS_ONLY = "kefu_reads_only"
"""Execution option of a connection that will not write, and so need not queue on SQLite."""


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
    return engine


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
