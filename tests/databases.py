"""Empty databases with today's schema: migrated once in a process, then copied or emptied, since
a test that wants a table does not want to wait for the history of the schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, inspect, text

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.tables import metadata


def sqlite_database(path: Path) -> Engine:
    """The caller disposes of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated_file())
    return connect(f"sqlite:///{path}")


@contextmanager
def fresh_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """`request.param` says which: `sqlite`, or `postgres` on the suite's server."""
    if request.param == "postgres":
        engine = _emptied(request.getfixturevalue("postgres_url"))
    else:
        engine = sqlite_database(folder / "kefu.db")
    yield engine
    engine.dispose()


@cache
def _migrated_file() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kefu.db"
        engine = connect(f"sqlite:///{path}")
        migrate(engine)
        # The last one to leave brings the journal home into the file.
        engine.dispose()
        return path.read_bytes()


def _emptied(url: str) -> Engine:
    engine = connect(url)
    with engine.begin() as connection:
        missing = metadata.tables.keys() - inspect(connection).get_table_names()
        if missing:
            # There were none yet, or a test has taken one away.
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        else:
            tables = ", ".join(metadata.tables)
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    if missing:
        migrate(engine)
    return engine
