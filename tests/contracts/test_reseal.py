"""Full re-encryption, on SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from chatbot.adapters.tables import attributes, messages
from chatbot.conversation import Turn
from chatbot.errors import OriginalGone
from chatbot.privacy_desk import erase_customer, unseal_message
from chatbot.privacy_ports import SealedValue
from chatbot.reseal import GRACE_SECONDS, WAITING, Resealed, reseal_stored
from chatbot.sealing import message_context, open_message
from privacy.envelope import Sealed
from privacy.errors import KeyDestroyed
from tests.contracts.private_rooms import ADMIN, PURPOSE, Room, make_room
from tests.databases import fresh_database

WORDS = "My number is 13800138000"


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with fresh_database(request, tmp_path) as engine:
        room = make_room(engine, tmp_path)
        yield room


def _reseal(
    room: Room, *, meanwhile: Callable[[], object] = lambda: None, stages: list[str] | None = None
) -> Resealed:
    """Every wait lets the clock go on, after what happens meanwhile."""

    def pause(seconds: float) -> None:
        meanwhile()
        room.clock.advance(seconds)

    def progress(stage: str, _done: int, _total: int) -> None:
        if stages is not None:
            stages.append(stage)

    room.clock.advance(1)
    return reseal_stored(room.desk, actor=ADMIN, progress=progress, pause=pause)


def _sealed(room: Room, turn: Turn) -> bytes:
    with room.engine.begin() as connection:
        query = select(messages.c.sealed).where(messages.c.id == turn.question_message_id)
        sealed: bytes = connection.execute(query).scalar_one()
    return sealed


def _open(room: Room, turn: Turn) -> str:
    return unseal_message(room.desk, ADMIN, purpose=PURPOSE, message_id=turn.question_message_id)


def test_every_value_is_sealed_with_a_fresh_key_and_the_former_one_is_destroyed(
    room: Room,
) -> None:
    named, nameless = room.open("c1"), room.open()
    turns = [room.say(named, WORDS), room.say(nameless, "我叫张三")]
    room.desk.attributes.give("c1", "age_band", value="under_30", at=room.clock.now())
    room.desk.attributes.give("c2", "age_band", value="over_60", at=room.clock.now())
    before = [_sealed(room, turn) for turn in turns]
    keys = {name: room.keys.find(name) for name in ("c1", nameless.id, "c2")}
    assert _reseal(room) == Resealed(customers=3, values=4, unreadable=0)
    assert [_open(room, turn) for turn in turns] == [WORDS, "我叫张三"]
    told = room.desk.attributes.told_by(["c1", "c2"])
    assert [one.value for one in told] == ["under_30", "over_60"]
    assert not set(before) & {_sealed(room, turn) for turn in turns}
    for name, key in keys.items():
        assert room.keys.find(name).id != key.id
        with pytest.raises(KeyDestroyed):
            room.keys.find(name, key_id=key.id)
    assert room.keys.status().former == 0


def test_a_copy_of_the_database_made_before_cannot_be_opened_after(room: Room) -> None:
    turn = room.say(room.open("c1"), WORDS)
    copied = _sealed(room, turn)
    _reseal(room)
    with pytest.raises(KeyDestroyed):
        open_message(room.keys, copied, customer="c1", message_id=turn.question_message_id)


def test_the_ledger_has_its_begin_and_its_end_with_the_counts(room: Room) -> None:
    room.say(room.open("c1"), WORDS)
    _reseal(room)
    begin, end = room.desk.ledger.entries()[-2:]
    assert (begin.action, begin.subject) == ("reseal_begin", "keys")
    assert (end.action, end.subject) == ("reseal_end", "customers=1 values=1 unreadable=0")
    assert begin.actor == end.actor == ADMIN.id
    assert room.desk.ledger.verify().intact


def test_a_message_under_way_is_stored_and_sealed_anew_before_its_key_goes(room: Room) -> None:
    conversation = room.open("c1")
    first = room.say(conversation, WORDS)
    late = room.say(conversation, "sealed before, stored after")
    under_way = _sealed(room, late)
    with room.engine.begin() as connection:
        this = update(messages).where(messages.c.id == late.question_message_id)
        connection.execute(this.values(sealed=None))
    stages: list[str] = []

    def arrive() -> None:
        with room.engine.begin() as connection:
            connection.execute(this.where(messages.c.sealed.is_(None)).values(sealed=under_way))

    done = _reseal(room, meanwhile=arrive, stages=stages)
    assert stages.count(WAITING) == GRACE_SECONDS
    assert done.values == 2
    assert [_open(room, turn) for turn in (first, late)] == [WORDS, "sealed before, stored after"]


def test_who_writes_meanwhile_uses_the_fresh_key(room: Room) -> None:
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    said: list[Turn] = []
    done = _reseal(room, meanwhile=lambda: said.append(room.say(conversation, "and more")))
    assert done.values == 1
    assert {_open(room, turn) for turn in said} == {"and more"}


def test_what_customers_write_all_the_while_opens_afterwards(room: Room) -> None:
    said = {f"words {n}": room.say(room.open(f"c{n}"), f"words {n}") for n in range(4)}
    stop = threading.Event()

    def write() -> None:
        for number in itertools.count(len(said)):
            if stop.is_set():
                return
            words = f"words {number}"
            said[words] = room.say(room.open(f"c{number % 6}"), words)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = _reseal(room, meanwhile=lambda: time.sleep(0.05))
    finally:
        stop.set()
        writer.join()
    assert done.customers >= 4
    assert len(said) > 20
    assert {words: _open(room, turn) for words, turn in said.items()} == {
        words: words for words in said
    }


def test_who_is_erased_meanwhile_stays_erased(room: Room) -> None:
    turn = room.say(room.open("c1"), WORDS)
    other = room.say(room.open("c2"), WORDS)

    def erase() -> None:
        if room.desk.data.knows("c1"):
            erase_customer(room.desk, ADMIN, customer="c1", purpose=PURPOSE)

    assert _reseal(room, meanwhile=erase).unreadable == 0
    with pytest.raises(OriginalGone):
        _open(room, turn)
    with pytest.raises(KeyDestroyed):
        room.keys.find("c1")
    assert _open(room, other) == WORDS


def test_a_value_that_does_not_open_stays_as_it_is_and_keeps_its_key(room: Room) -> None:
    conversation = room.open("c1")
    sound, broken = room.say(conversation, WORDS), room.say(conversation, "another")
    former = Sealed.from_bytes(_sealed(room, broken))
    altered = former.to_bytes()[:-1] + bytes([former.ciphertext[-1] ^ 1])
    with room.engine.begin() as connection:
        this = update(messages).where(messages.c.id == broken.question_message_id)
        connection.execute(this.values(sealed=altered))
    assert _reseal(room) == Resealed(customers=0, values=1, unreadable=1)
    assert _sealed(room, broken) == altered
    assert room.keys.find("c1", key_id=former.key_id)
    assert _open(room, sound) == WORDS
    with room.engine.begin() as connection:
        connection.execute(this.values(sealed=former.to_bytes()))
    assert _reseal(room) == Resealed(customers=1, values=2, unreadable=0)
    assert _open(room, broken) == "another"


class Stopped(Exception):
    pass


def test_a_round_that_was_broken_off_is_ended_and_not_begun_again(room: Room) -> None:
    turns = {name: room.say(room.open(name), f"I am {name}") for name in ("c1", "c2", "c3")}
    room.clock.advance(1)

    def break_off(_stage: str, done: int, _total: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        reseal_stored(room.desk, actor=ADMIN, progress=break_off)
    assert {name: _open(room, turn) for name, turn in turns.items()} == {
        name: f"I am {name}" for name in turns
    }
    renewed = {name: room.keys.find(name).id for name in ("c1", "c2")}
    assert _reseal(room) == Resealed(customers=3, values=1, unreadable=0)
    assert {name: room.keys.find(name).id for name in renewed} == renewed
    actions = [entry.action for entry in room.desk.ledger.entries()]
    assert (actions.count("reseal_begin"), actions.count("reseal_end")) == (1, 1)


def test_a_value_that_changed_since_it_was_read_is_not_replaced(room: Room) -> None:
    turn = room.say(room.open("c1"), WORDS)
    stands, other = _sealed(room, turn), room.say(room.open("c1"), "other words")
    read = SealedValue(message_context(turn.question_message_id), _sealed(room, other))
    assert room.desk.sealed.replace([(read, _sealed(room, other))]) == 0
    assert _sealed(room, turn) == stands


def test_attributes_are_counted_with_their_customers_once(room: Room) -> None:
    room.open("c1"), room.open("c1")
    for customer in ("c1", "c2"):
        for name in ("age_band", "region"):
            room.desk.attributes.give(customer, name, value="x", at=room.clock.now())
    nameless = room.open()
    assert sorted(room.desk.sealed.customers()) == sorted(["c1", "c2", nameless.id])
    assert room.desk.sealed.count_customers() == 3
    with room.engine.begin() as connection:
        stored = connection.execute(select(attributes.c.sealed)).scalars().all()
    found = [value.sealed for name in ("c1", "c2") for value in room.desk.sealed.of(name)]
    assert sorted(found) == sorted(stored)
