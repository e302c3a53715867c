"""What the database holds of a message, and what happens when the keys fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from chatbot.adapters.database import connect
from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.tables import events, messages
from chatbot.adapters.transactions import Transactions
from chatbot.conversation import Action
from chatbot.errors import OriginalGone
from chatbot.masking import MASKING_RULES
from chatbot.privacy_desk import erase_customer, unseal_message
from chatbot.privacy_home import make_privacy_desk
from privacy.errors import KeyRingInvalid
from privacy.keyring import DataKey
from privacy.keyring_memory import MemoryKeyRing
from tests.contracts.private_rooms import ADMIN, PURPOSE, Room, make_room
from tests.databases import fresh_database, sqlite_database

WORDS = "我的手机号是13800138000"


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with fresh_database(request, tmp_path) as engine:
        yield make_room(engine, tmp_path)


class LostKeys(MemoryKeyRing):
    def data_key(self, customer: str) -> DataKey:
        raise KeyRingInvalid(Path("keys"), "it is missing", remedy="Restore it.")


def _stored(engine: Engine) -> list[tuple[str, bytes | None, int]]:
    query = select(messages.c.text, messages.c.sealed, messages.c.masked_by)
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(messages.c.sequence))]


def test_the_customers_words_are_sealed_beside_their_masked_text(room: Room) -> None:
    room.say(room.open(), WORDS)
    question, answer = _stored(room.engine)
    assert question[0] == "我的手机号是<PHONE_NUMBER_1>"
    assert question[1] is not None
    assert b"13800138000" not in question[1]
    assert question[2] == MASKING_RULES
    assert answer[:2] == ("Noted.", None)


def test_a_value_of_a_later_message_never_takes_an_earlier_ones_number(room: Room) -> None:
    conversation = room.open()
    room.say(conversation, WORDS)
    assert room.say(conversation, "或者13900139000").question == "或者<PHONE_NUMBER_2>"


def test_when_the_keys_fail_the_turn_is_kept_masked_and_the_log_says_so(room: Room) -> None:
    keyless = replace(room, store=SqlStore(room.engine, LostKeys()))
    with capture_logs() as logs:
        turn = keyless.say(keyless.open(), WORDS)
    assert [row[:2] for row in _stored(room.engine)] == [(turn.question, None), ("Noted.", None)]
    assert [(log["event"], log["error"]) for log in logs] == [
        ("original_not_sealed", "KeyRingInvalid")
    ]
    assert "13800138000" not in str(logs)


def test_every_message_and_change_of_state_has_its_event_without_words(room: Room) -> None:
    conversation = room.open()
    turn = room.say(conversation, WORDS)
    again = replace(turn, client_message_id="x", question_message_id="q", decision={"reason": "r"})
    handoff = replace(turn.reply, message_id="a", action=Action.HANDOFF)
    room.store.record(replace(again, reply=handoff))
    room.store.request_handoff(conversation.id)
    room.store.close(conversation.id, at=room.clock.now())
    room.store.close(conversation.id, at=room.clock.now())
    query = select(events.c.kind, events.c.data).order_by(events.c.sequence)
    with room.engine.begin() as connection:
        told = [tuple(row) for row in connection.execute(query)]
    assert told == [
        ("message", {"message_id": turn.question_message_id, "author": "customer"}),
        ("message", {"message_id": turn.reply.message_id, "author": "bot"}),
        ("message", {"message_id": "q", "author": "customer"}),
        ("message", {"message_id": "a", "author": "bot"}),
        ("state", {"state": "waiting"}),
        ("state", {"state": "closed"}),
    ]


def test_a_copy_made_before_the_erasure_stays_shut(tmp_path: Path) -> None:
    engine = sqlite_database(tmp_path / "kefu.db")
    room = make_room(engine, tmp_path)
    turn = room.say(room.open("c1"), WORDS)
    room.say(room.open("c2"), "别人的13900139000")
    Transactions(engine).empty_journal()
    shutil.copy(tmp_path / "kefu.db", tmp_path / "copy.db")
    copied = connect(f"sqlite:///{tmp_path / 'copy.db'}")
    copy = make_privacy_desk(copied, room.keys)
    opened = unseal_message(copy, ADMIN, purpose=PURPOSE, message_id=turn.question_message_id)
    assert opened == WORDS
    erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    with pytest.raises(OriginalGone, match="erased"):
        unseal_message(copy, ADMIN, purpose=PURPOSE, message_id=turn.question_message_id)
    engine.dispose()
    copied.dispose()


def test_what_was_erased_is_in_no_page_of_the_database_file(tmp_path: Path) -> None:
    engine = sqlite_database(tmp_path / "kefu.db")
    room = make_room(engine, tmp_path)
    room.say(room.open("c1"), "a rather singular sentence")
    erase_customer(room.desk, ADMIN, customer="c1", purpose="asked for erasure")
    content = b"".join(path.read_bytes() for path in tmp_path.glob("kefu.db*"))
    assert b"rather singular" not in content
    engine.dispose()
