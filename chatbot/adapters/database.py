"""An engine with the settings that SQLite and PostgreSQL need, and the way to today's schema."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from chatbot.errors import SettingsInvalid, StoreUnavailable


def connect(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…`; PostgreSQL always speaks psycopg 3."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database not in (None, "", ":memory:"):
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=not sqlite, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError):
        raise SettingsInvalid(
            "KEFU_DATABASE_URL is not a database address: use sqlite:///path or postgresql://…"
        ) from None
    except ModuleNotFoundError:
        raise SettingsInvalid(
            "PostgreSQL needs the extra `postgres`: pip install 'kefu[postgres]'."
        ) from None
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # WAL lets readers go on while one turn is written; a busy writer is waited for, not refused.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=10000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest version; a database that is already there is untouched."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("chatbot") / "migrations"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError as error:
        raise StoreUnavailable(type(error).__name__) from None
