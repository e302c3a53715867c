"""The ledger on SQLite and PostgreSQL: one chain whoever writes, and no change unseen."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
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


def test_pages_come_in_order_and_the_newest_of_a_kind_first(ledger: SqlLedger) -> None:
    written = [_append(ledger, subject=f"message:{number}") for number in range(5)]
    assert ledger.page(after=None, limit=2) == written[3:]
    assert ledger.page(after=0, limit=2) == written[:2]
    assert ledger.page(after=2, limit=9) == written[2:]
    assert ledger.page(after=5, limit=1) == []
    assert ledger.newest_of("unseal", limit=2) == [written[4], written[3]]
    assert ledger.newest_of("export", limit=2) == []


def test_many_writers_at_once_make_one_chain(engine: Engine, keys: MemoryKeyRing) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: _append(SqlLedger(engine, keys), actor=f"u{n}"), range(18)))
    ledger = SqlLedger(engine, keys)
    assert [entry.sequence for entry in ledger.entries()] == list(range(1, 19))
    assert ledger.verify().intact


def _once(ledger: SqlLedger, *, hours: int = 0, **fields: str) -> Entry | None:
    at = NOW + timedelta(hours=hours)
    given = {"actor": "u1", "action": "read", "subject": "customer:1", **fields}
    return ledger.append_once(since=at, at=at, role="agent", purpose="service", **given)


def test_what_was_written_since_is_not_written_again(ledger: SqlLedger) -> None:
    first = _once(ledger)
    assert first is not None
    assert _once(ledger) is None
    assert ledger.entries() == [first]


def test_another_actor_action_subject_or_hour_is_written(ledger: SqlLedger) -> None:
    others = ({"actor": "u2"}, {"action": "export"}, {"subject": "customer:2"})
    assert _once(ledger) is not None
    assert all(_once(ledger, **other) is not None for other in others)
    assert _once(ledger, hours=1) is not None
    assert ledger.verify().entries == 5
    assert ledger.verify().intact


def test_of_many_who_write_the_same_at_once_one_does(engine: Engine, keys: MemoryKeyRing) -> None:
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(lambda _: _once(SqlLedger(engine, keys)), range(18)))
    assert sum(entry is not None for entry in written) == 1
    assert len(SqlLedger(engine, keys).entries()) == 1


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
