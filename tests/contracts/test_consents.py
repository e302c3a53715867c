"""Consents are kept word for word, in order, by the fake and by both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatbot.adapters.store_consents import SqlConsents
from chatbot.fakes import MemoryAttributes, MemoryConsents
from chatbot.privacy_desk import record_consents
from chatbot.privacy_ports import Consents
from privacy.consent import Scope, permits
from tests.databases import fresh_database

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def consents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Consents]:
    if request.param == "memory":
        yield MemoryConsents()
        return
    with fresh_database(request, tmp_path) as engine:
        yield SqlConsents(engine)


def _say(consents: Consents, agreed: dict[Scope, bool], *, customer: str, day: int = 0) -> None:
    record_consents(
        consents,
        agreed,
        attributes=MemoryAttributes(),
        customer=customer,
        at=NOW + timedelta(days=day),
        wording_version="1",
        language="zh-Hans",
    )


def test_the_last_statement_holds_and_none_is_lost(consents: Consents) -> None:
    _say(consents, {Scope.IMPROVE: True, Scope.AUDIT: True}, customer="甲")
    _say(consents, {Scope.IMPROVE: False}, customer="甲", day=1)
    history = consents.history("甲")
    assert [(one.scope, one.granted) for one in history] == [
        (Scope.IMPROVE, True),
        (Scope.AUDIT, True),
        (Scope.IMPROVE, False),
    ]
    assert history[0].at == NOW
    assert not permits(history, "甲", scope=Scope.IMPROVE, now=NOW + timedelta(days=2))
    assert permits(history, "甲", scope=Scope.AUDIT, now=NOW + timedelta(days=2))


def test_customers_do_not_share_statements_and_silence_is_none(consents: Consents) -> None:
    _say(consents, {Scope.IMPROVE: True}, customer="a")
    _say(consents, {}, customer="b")
    assert consents.history("b") == []
