"""The columns for originals refuse what is not sealed, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chatbot.adapters.sealed_column import SealedBytes
from chatbot.adapters.tables import attributes, messages
from chatbot.errors import PlaintextRefused
from privacy.envelope import VERSION, Context, seal
from privacy.keyring import DataKey
from tests.contracts.private_rooms import Room, make_room
from tests.databases import fresh_database

WORDS = "我叫张三, 13800138000"
DIALECTS = (sqlite.dialect(), postgresql.dialect())
KEY = DataKey("ab" * 16, bytes(32))


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with fresh_database(request, tmp_path) as engine:
        yield make_room(engine, tmp_path)


@pytest.mark.parametrize(
    "plain",
    [WORDS, WORDS.encode(), b"", VERSION, VERSION + WORDS.encode(), bytearray(100)],
    ids=["text", "bytes", "nothing", "header alone", "header before text", "other type"],
)
@pytest.mark.parametrize("table", [messages, attributes], ids=lambda table: table.name)
def test_plaintext_is_refused_and_nothing_is_stored(
    room: Room, table: Table, plain: object
) -> None:
    turn = room.say(room.open("c1"), WORDS)
    room.desk.attributes.give("c1", "age_band", value="young", at=room.clock.now())
    with room.engine.begin() as connection:
        before = connection.execute(select(table.c.sealed)).scalars().all()
    with pytest.raises(PlaintextRefused) as caught, room.engine.begin() as connection:
        connection.execute(update(table).values(sealed=plain))
    said = str(caught.value)
    assert said.endswith("nothing was stored: seal it with the customer's key first.")
    assert "13800138000" not in said
    with room.engine.begin() as connection:
        assert connection.execute(select(table.c.sealed)).scalars().all() == before
    assert room.desk.data.find(turn.question_message_id) is not None


def test_a_new_row_with_plaintext_is_refused(room: Room) -> None:
    row = {"customer": "c1", "name": "age_band", "created_at": room.clock.now()}
    with pytest.raises(PlaintextRefused), room.engine.begin() as connection:
        connection.execute(insert(attributes), [{**row, "sealed": WORDS.encode()}])
    with room.engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(attributes)).scalar() == 0


def test_sealed_values_and_none_are_stored_as_they_are(room: Room) -> None:
    turn = room.say(room.open("c1"), WORDS)
    this = messages.c.id == turn.question_message_id
    sealed = seal(WORDS, KEY, context=Context("messages", "1", "text")).to_bytes()
    for value in (sealed, None):
        with room.engine.begin() as connection:
            connection.execute(update(messages).where(this).values(sealed=value))
            assert connection.execute(select(messages.c.sealed).where(this)).scalar() == value


@given(st.text(max_size=80))
def test_no_text_passes_and_every_sealed_text_does(text: str) -> None:
    column, context = SealedBytes(), Context("messages", "1", "text")
    for dialect in DIALECTS:
        sealed = seal(text, KEY, context=context).to_bytes()
        assert column.process_bind_param(sealed, dialect) == sealed
        for plain in (text, text.encode("utf-8", "replace")):
            with pytest.raises(PlaintextRefused):
                column.process_bind_param(plain, dialect)
