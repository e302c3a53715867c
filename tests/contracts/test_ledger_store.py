"""The ledger on SQLite and PostgreSQL: one chain whoever writes, and no change unseen."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update

from chatbot.adapters.store_ledger import SqlLedger
from chatbot.adapters.tables import ledger as table
from privacy.errors import LedgerInvalid
from privacy.keyring_memory import MemoryKeyRing
from privacy.ledger import Entry, Fault
from tests.databases import fresh_database

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh_database(request, tmp_path) as made:
        yield made


@pytest.fixture
def keys() -> MemoryKeyRing:
    return MemoryKeyRing()


@pytest.fixture
def ledger(engine: Engine, keys: MemoryKeyRing) -> SqlLedger:
    return SqlLedger(engine, keys)


def _append(ledger: SqlLedger, *, actor: str = "u1", subject: str = "message:1") -> Entry:
    return ledger.append(
        at=NOW, actor=actor, role="admin", action="unseal", subject=subject, purpose="投诉 4711"
    )


def test_what_was_appended_comes_back_and_holds(ledger: SqlLedger) -> None:
    written = [_append(ledger, subject=f"message:{number}") for number in range(3)]
    assert ledger.entries() == written
    assert ledger.entries(subjects=["message:1"]) == written[1:2]
    assert ledger.verify(head=ledger.head()).intact


def test_many_writers_at_once_make_one_chain(engine: Engine, keys: MemoryKeyRing) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: _append(SqlLedger(engine, keys), actor=f"u{n}"), range(18)))
    ledger = SqlLedger(engine, keys)
    assert [entry.sequence for entry in ledger.entries()] == list(range(1, 19))
    assert ledger.verify().intact


def test_a_changed_row_is_found(ledger: SqlLedger, engine: Engine) -> None:
    for _ in range(3):
        _append(ledger)
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.sequence == 2).values(actor="somebody else"))
    [found] = ledger.verify().breaks
    assert (found.fault, found.first) == (Fault.ALTERED, 2)


def test_a_row_cut_off_shows_against_an_exported_head(ledger: SqlLedger, engine: Engine) -> None:
    for _ in range(3):
        _append(ledger)
    head = ledger.head()
    with engine.begin() as connection:
        connection.execute(delete(table).where(table.c.sequence == 3))
    assert ledger.verify().intact
    assert [found.fault for found in ledger.verify(head=head).breaks] == [Fault.TRUNCATED]


def test_the_hashes_need_the_key_that_is_not_in_the_database(
    ledger: SqlLedger, engine: Engine
) -> None:
    _append(ledger)
    assert not SqlLedger(engine, MemoryKeyRing()).verify().intact


def test_the_key_outlives_a_rotation(ledger: SqlLedger, keys: MemoryKeyRing) -> None:
    _append(ledger)
    keys.rotate()
    _append(ledger)
    assert ledger.verify().intact


def test_what_does_not_fit_its_column_is_refused_whole(ledger: SqlLedger) -> None:
    with pytest.raises(LedgerInvalid, match="actor"):
        _append(ledger, actor="x" * 129)
    assert ledger.entries() == []
