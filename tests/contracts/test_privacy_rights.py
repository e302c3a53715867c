"""What the console asks of the privacy desk, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chatbot.errors import CustomerUnknown, PurposeMissing
from chatbot.privacy_desk import consent_history, open_kept, purge_expired, record_consents
from chatbot.subjects import subject_of
from privacy.consent import Scope
from privacy.retention import RetentionRules
from tests.contracts.private_rooms import ADMIN, PURPOSE, Room, make_room
from tests.databases import fresh_database

WORDS = "My number is 13800138000"


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with fresh_database(request, tmp_path) as engine:
        yield make_room(engine, tmp_path)


def test_the_originals_of_one_conversation_come_in_order(room: Room) -> None:
    conversation, other = room.open("c1"), room.open("c1")
    for number in range(3):
        room.say(conversation, f"{WORDS} {number}")
    room.say(other, WORDS)
    kept = room.desk.data.sealed_in(conversation.id)
    assert [open_kept(room.keys, one) for one in kept] == [f"{WORDS} {n}" for n in range(3)]
    assert {one.customer for one in kept} == {"c1"}


def test_a_conversation_whose_originals_expired_has_none(room: Room) -> None:
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    later = room.clock.now() + timedelta(days=90)
    purge_expired(room.desk, RetentionRules(), actor=ADMIN, now=later)
    assert room.desk.data.sealed_in(conversation.id) == []


def _agree(room: Room, customer: str, *, granted: bool) -> None:
    record_consents(
        room.desk.consents,
        {Scope.IMPROVE: granted},
        attributes=room.desk.attributes,
        customer=customer,
        at=room.clock.now(),
        wording_version="1",
        language="en",
    )


def test_looking_at_a_consent_history_stands_in_the_ledger(room: Room) -> None:
    for granted in (True, False):
        _agree(room, "c1", granted=granted)
    _agree(room, "c2", granted=True)
    history = consent_history(room.desk, ADMIN, customer="c1", purpose=PURPOSE)
    assert [one.granted for one in history] == [True, False]
    [entry] = room.desk.ledger.entries()
    assert (entry.action, entry.purpose) == ("read", PURPOSE)
    assert entry.subject == subject_of(room.keys, "c1")


def test_a_consent_history_needs_a_purpose_and_a_customer(room: Room) -> None:
    _agree(room, "c1", granted=True)
    with pytest.raises(PurposeMissing):
        consent_history(room.desk, ADMIN, customer="c1", purpose=" ")
    with pytest.raises(CustomerUnknown):
        consent_history(room.desk, ADMIN, customer="c2", purpose=PURPOSE)
    assert room.desk.ledger.entries() == []
