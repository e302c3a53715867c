"""Which models met a customer is found before the words go, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from chatbot.adapters.tables import review_items
from chatbot.certificate import say_verdict
from chatbot.privacy_desk import erase_customer
from chatbot.same_words import fingerprint
from privacy.signing import signing_key
from tests.contracts.private_rooms import ADMIN, Room, make_room
from tests.databases import fresh_database

SENTENCE = "where is it"
PURPOSE = "asked for erasure"


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with fresh_database(request, tmp_path) as engine:
        room = make_room(engine, tmp_path)
        room.say(room.open("c1"), "My number is 13800138000")
        _review(room)
        yield room


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Of a run that taught the sentence."""
    run = tmp_path / "training" / "demo" / "runs" / "a"
    run.mkdir(parents=True)
    state = {"id": "a", "version": "v1", "learnt": [fingerprint(SENTENCE)]}
    (run / "state.json").write_text(json.dumps(state), encoding="utf-8")
    rows = run / "train.csv"
    rows.write_text(f"text,intent\n{SENTENCE},track\n", encoding="utf-8")
    return rows


def _review(room: Room) -> None:
    row = {
        "id": "item",
        "collection": "demo",
        "customer": "c1",
        "text": SENTENCE,
        "language": "en",
        "reason": "low_confidence",
        "suggested": "track",
        "state": "approved",
        "created_at": room.clock.now(),
    }
    with room.engine.begin() as connection:
        connection.execute(insert(review_items).values(row))


def _taught(certificate: dict[str, object]) -> list[str]:
    models = certificate["models"]
    assert isinstance(models, dict)
    return [one["version"] for one in models["taught"]]


def test_a_certificate_lists_the_models_that_were_taught(room: Room, rows: Path) -> None:
    certificate = erase_customer(room.desk, ADMIN, customer="c1", purpose=PURPOSE)
    assert _taught(certificate) == ["v1"]
    counts = certificate["counts"]
    assert isinstance(counts, dict)
    assert counts["training_rows"] == 1
    assert SENTENCE not in rows.read_text("utf-8")
    assert say_verdict(certificate, signing_key(room.keys).public_key())[0]


@pytest.mark.parametrize("step", ["delete", "finish"])
def test_an_erasure_that_breaks_off_still_knows_the_models_afterwards(
    room: Room, rows: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(room.desk.erasures, step, lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erase_customer(room.desk, ADMIN, customer="c1", purpose=PURPOSE)
    assert SENTENCE not in rows.read_text("utf-8")
    assert _taught(erase_customer(room.desk, ADMIN, customer="c1", purpose=PURPOSE)) == ["v1"]


def test_rows_that_cannot_be_deleted_leave_the_erasure_unfinished(
    room: Room, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("chatbot.adapters.kept_files.write_atomically", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erase_customer(room.desk, ADMIN, customer="c1", purpose=PURPOSE)
    [begun] = room.desk.erasures.all()
    assert begun.done_at is None
    certificate = erase_customer(room.desk, ADMIN, customer="c1", purpose=PURPOSE)
    assert certificate["erasure_id"] == begun.id
    assert SENTENCE not in rows.read_text("utf-8")
