from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.tables import messages, metadata
from chatbot.conversation import Author, Conversation, Language, Message
from chatbot.errors import SettingsInvalid, StoreUnavailable
from tests.databases import fresh_database


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh_database(request, tmp_path) as engine:
        yield engine


def test_the_migrations_lead_to_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'new' / 'kefu.db'}")
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_sqlite_runs_with_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "kefu.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "nosuchdb://host/name"])
def test_a_wrong_address_is_one_sentence(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="KEFU_DATABASE_URL"):
        connect(url)


def test_a_file_that_is_no_database_is_reported_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "kefu.db"
    path.write_text("not a database, but long enough to look like one" * 50)
    engine = connect(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable):
        migrate(engine)
    with pytest.raises(StoreUnavailable):
        SqlStore(engine).ping()
    engine.dispose()


def test_a_database_file_that_is_away_is_missed_and_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    engine = connect(f"sqlite:///{home / 'kefu.db'}")
    migrate(engine)
    store = SqlStore(engine)
    with engine.connect():
        # One connection is in use, another one waits in the pool.
        store.ping()
        home.rename(away)
        home.mkdir()
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                store.ping()
        assert list(home.iterdir()) == []
        home.rmdir()
        away.rename(home)
    store.ping()
    assert store.find("nobody") is None
    engine.dispose()


def test_a_database_of_the_first_release_keeps_its_conversations(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kefu.db'}"
    engine = connect(url)
    migrate(engine, to="0001")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO conversations (id, channel, collection, token_sha256, handoff, created_at)"
            " VALUES ('c', 'web', 'demo', 'x', 1, '2026-01-01 00:00:00')"
        )
        connection.exec_driver_sql(
            "INSERT INTO messages (id, conversation_id, author, text, created_at)"
            " VALUES ('m', 'c', 'customer', 'hello', '2026-01-01 00:00:00')"
        )
    migrate(engine)
    with engine.begin() as connection:
        row = connection.exec_driver_sql(
            "SELECT customer, state, text FROM conversations"
            " JOIN messages ON conversation_id = conversations.id"
        ).one()
    assert tuple(row) == ("c", "waiting", "hello")
    engine.dispose()


@pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
def test_the_newest_migration_leads_back_and_forth_and_loses_no_message(database: Engine) -> None:
    store = SqlStore(database)
    conversation = Conversation("c", "web", "demo", Language.EN, "0" * 64, datetime.now(UTC))
    store.open(conversation)
    words = Message("m", "c", Author.CUSTOMER, "hello", Language.EN, datetime.now(UTC))
    store.add_message(words)
    _downgrade(database, to="0003")
    columns = {column["name"] for column in inspect(database).get_columns("messages")}
    assert "masked_types" not in columns
    migrate(database)
    assert [one.text for one in store.messages("c")] == ["hello"]
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        query = select(messages.c.masked_types)
        assert connection.execute(query).scalars().all() == [""]


def _downgrade(engine: Engine, *, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("chatbot") / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)


@pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
def test_migrating_what_is_of_today_touches_nothing(database: Engine) -> None:
    conversation = Conversation("c", "web", "demo", Language.EN, "0" * 64, datetime.now(UTC))
    SqlStore(database).open(conversation)
    migrate(database)
    assert SqlStore(database).find("c") == conversation
