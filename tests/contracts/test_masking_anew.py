"""Stored texts and types of the company's own that came later, on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from chatbot.adapters.tables import feedback, messages
from chatbot.conversation import Author, Conversation
from chatbot.job_kinds import Assignment
from chatbot.jobs import Job, Queue
from chatbot.masking import Masking, masking_now
from chatbot.privacy_desk import Actor, anonymise_stored
from chatbot.settings import Settings
from chatbot.tasks import kinds
from privacy.custom_types import NO_CUSTOM_TYPES, CustomType, CustomTypes
from privacy.detector import configure
from privacy.entities import Span
from tests.contracts.private_rooms import Room, make_room
from tests.databases import fresh_database, sqlite_database

WORKER = Actor("worker", "system")
WORDS = "my badge is BX-1234, mail a@b.com"
BADGES = CustomTypes((CustomType("BADGE", re.compile("bx-[0-9]{4}", re.IGNORECASE)),))


class TwoNames:
    version = "test"

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        return [
            [
                Span(found.start(), found.end(), "PERSON", "name_model", 0.9)
                for found in re.finditer("Anna|Noted", text)
            ]
            for text in texts
        ]


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with fresh_database(request, tmp_path) as engine:
        yield make_room(engine, tmp_path)
    configure(NO_CUSTOM_TYPES)


def _said(room: Room, conversation: Conversation, author: Author = Author.CUSTOMER) -> list[str]:
    return [one.text for one in room.store.messages(conversation.id) if one.author is author]


def test_own_types_that_came_later_reach_what_is_stored(room: Room) -> None:
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    assert anonymise_stored(room.desk, actor=WORKER).checked == 0
    configure(BADGES)
    assert anonymise_stored(room.desk, actor=WORKER).changed == 1
    assert _said(room, conversation) == ["my badge is <BADGE_1>, mail <EMAIL_ADDRESS_1>"]
    assert anonymise_stored(room.desk, actor=WORKER).checked == 0


def test_what_was_masked_by_todays_own_types_is_not_masked_again(room: Room) -> None:
    configure(BADGES)
    room.say(room.open("c1"), WORDS)
    assert room.desk.masks.outdated(masking_now()) == 0


def test_a_type_that_is_taken_away_uncovers_nothing(room: Room) -> None:
    configure(BADGES)
    conversation = room.open("c1")
    room.say(conversation, WORDS)
    configure(NO_CUSTOM_TYPES)
    assert anonymise_stored(room.desk, actor=WORKER).checked == 1
    assert _said(room, conversation) == ["my badge is <BADGE_1>, mail <EMAIL_ADDRESS_1>"]


def test_a_process_of_an_older_release_leaves_newer_masks_alone(room: Room) -> None:
    room.say(room.open("c1"), WORDS)
    older = Masking(masking_now().rules - 1, "0" * 16)
    assert room.desk.masks.outdated(older) == 0
    assert not older.outdates(masking_now())


def test_again_masks_every_message_by_the_name_model_of_today(room: Room) -> None:
    conversation = room.open("c1")
    turn = room.say(conversation, "ask Anna, a@b.com")
    with room.engine.begin() as connection:
        row = {
            "message_id": turn.reply.message_id,
            "helpful": False,
            "reason": "Anna never called",
            "created_at": room.clock.now(),
        }
        connection.execute(insert(feedback).values(row))
    configure(NO_CUSTOM_TYPES, TwoNames())
    assert anonymise_stored(room.desk, actor=WORKER, again=True).checked == 1
    assert _said(room, conversation) == ["ask <PERSON_1>, <EMAIL_ADDRESS_1>"]
    with room.engine.begin() as connection:
        assert connection.execute(select(feedback.c.reason)).scalars().all() == [
            "<PERSON> never called"
        ]
    [entry] = [entry for entry in room.desk.ledger.entries() if entry.action == "anonymise"]
    assert entry.purpose == "masking everything again"


def test_masking_everything_again_changes_nothing_the_second_time(room: Room) -> None:
    conversation = room.open("c1")
    for words in ("13800138000", "again 138 0013 8000", "or a@b.com"):
        room.say(conversation, words)
    anonymise_stored(room.desk, actor=WORKER, again=True)
    first = _said(room, conversation)
    done = anonymise_stored(room.desk, actor=WORKER, again=True)
    assert (done.checked, done.changed) == (3, 0)
    assert _said(room, conversation) == first


def test_the_bots_own_words_stay_as_the_article_has_them(room: Room) -> None:
    conversation = room.open("c1")
    room.say(conversation, "ask Anna")
    configure(NO_CUSTOM_TYPES, TwoNames())
    anonymise_stored(room.desk, actor=WORKER, again=True)
    assert _said(room, conversation, Author.BOT) == ["Noted."]


def test_masking_everything_again_goes_on_where_it_was_broken_off(room: Room) -> None:
    for _ in range(4):
        room.say(room.open(), WORDS)
    assert anonymise_stored(room.desk, actor=WORKER, again=True, limit=1).checked == 1
    assert anonymise_stored(room.desk, actor=WORKER).checked == 3
    assert room.desk.masks.outdated(masking_now()) == 0


class _SilentWatch:
    def stage(self, name: str, total: int) -> None:
        pass

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        pass


@pytest.mark.parametrize(("stage", "checked"), [("", 3), ("Masking messages", 1)])
def test_a_job_that_was_killed_in_the_middle_does_not_begin_anew(
    tmp_path: Path, stage: str, checked: int
) -> None:
    settings = Settings(home=tmp_path, _env_file=None)
    room = make_room(sqlite_database(tmp_path / "kefu.db"), tmp_path)
    said = [room.say(room.open(), WORDS).question_message_id for _ in range(3)]
    with room.engine.begin() as connection:
        connection.execute(update(messages).where(messages.c.id == said[0]).values(masked_by=0))
    [kind] = [kind for kind in kinds() if kind.name == "kefu.privacy.anonymise"]
    kind.check({"again": True})
    job = Job(
        "j",
        kind.name,
        Queue.PRIVACY,
        requested_by="u",
        created_at=room.clock.now(),
        arguments={"again": True},
        stage=stage,
    )
    result = kind.run(Assignment(settings, job, _SilentWatch()))
    assert result["checked"] == checked
    room.engine.dispose()
