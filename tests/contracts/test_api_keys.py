"""API keys keep the same promises in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from chatbot.adapters.store_api_keys import SqlApiKeys
from chatbot.adapters.tables import api_keys
from chatbot.api_keys import BEGINNING, Caller, issue_key, recognise
from chatbot.errors import ApiKeyInvalid
from chatbot.fakes import FixedClock
from tests.databases import fresh_database


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh_database(request, tmp_path) as engine:
        yield engine


@pytest.fixture
def store(engine: Engine) -> SqlApiKeys:
    return SqlApiKeys(engine)


@pytest.fixture
def app(store: SqlApiKeys) -> Caller:
    return issue_key(store, FixedClock(), name="app", collection="demo")


def test_a_key_is_recognised_by_its_secret_and_by_nothing_else(
    store: SqlApiKeys, app: Caller
) -> None:
    assert app.secret.startswith(BEGINNING)
    assert recognise(store, app.secret) == app
    for other in ("", app.key.id, app.key.name, app.secret[:-1], app.secret + " ", "\ud83d"):
        assert recognise(store, other) is None


def test_the_database_does_not_hold_the_secret(engine: Engine, app: Caller) -> None:
    with engine.begin() as connection:
        (row,) = connection.execute(select(api_keys)).all()
    assert app.secret not in str(row)
    assert app.secret not in repr(app)


def test_a_revoked_key_opens_nothing_and_keeps_its_moment(store: SqlApiKeys, app: Caller) -> None:
    ended = FixedClock().now()
    assert store.revoke("app", at=ended)
    assert store.revoke("app", at=ended + timedelta(days=1))
    assert recognise(store, app.secret) is None
    assert [key.revoked_at for key in store.all()] == [ended]


def test_a_name_belongs_to_one_key_for_ever(store: SqlApiKeys, app: Caller) -> None:
    store.revoke("app", at=FixedClock().now())
    with pytest.raises(ApiKeyInvalid, match="another name"):
        issue_key(store, FixedClock(), name="app")
    assert not store.revoke("nobody", at=FixedClock().now())


@pytest.mark.parametrize("name", ["", "My App", "x" * 65, "-app", "应用"])
def test_a_name_is_one_short_word(store: SqlApiKeys, name: str) -> None:
    with pytest.raises(ApiKeyInvalid, match="small letters"):
        issue_key(store, FixedClock(), name=name)


def test_a_key_asks_its_own_collection_or_where_none_is_named_all(
    store: SqlApiKeys, app: Caller
) -> None:
    everywhere = issue_key(store, FixedClock(), name="everywhere")
    assert [app.key.may_ask(name) for name in ("demo", "other")] == [True, False]
    assert everywhere.key.may_ask("other")


def test_what_is_derived_from_a_secret_is_another_with_another_key(
    store: SqlApiKeys, app: Caller
) -> None:
    other = issue_key(store, FixedClock(), name="other")
    assert app.token_of("1") == Caller(app.key, app.secret).token_of("1")
    assert len({app.token_of("1"), app.token_of("2"), other.token_of("1")}) == 3
    assert app.message_id("ab", "c") != app.message_id("a", "bc")
    assert len(app.message_id("x" * 1000)) == 64
