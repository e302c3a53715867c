"""The agents' queue keeps the same promises in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from chatbot.adapters.store_events import SqlEvents
from chatbot.adapters.store_handoff import SqlHandoffs
from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.store_users import SqlUsers
from chatbot.conversation import Action, Conversation, Language, Reply, Turn
from chatbot.errors import HandoffRefused, NotFound, TakenOver
from chatbot.fakes import FixedClock
from chatbot.handoff import close, give_back, reply_as_agent, take
from chatbot.people import Role, User
from privacy.keyring_memory import MemoryKeyRing
from tests.databases import fresh_database

RACES = 24


@dataclass(frozen=True)
class House:
    store: SqlStore
    handoffs: SqlHandoffs
    events: SqlEvents
    users: SqlUsers
    keys: MemoryKeyRing
    clock: FixedClock

    def arrives(self) -> str:
        conversation = Conversation(
            str(uuid4()), "web", "demo", Language.EN, "0" * 64, self.clock.now()
        )
        self.store.open(conversation)
        self.clock.advance(1)
        return conversation.id

    def answers(self, conversation_id: str) -> None:
        """A turn of the bot's, where it may."""
        reply = Reply(
            str(uuid4()), "15 days.", Language.EN, Action.ANSWER, intent="return", confidence=0.9
        )
        turn = Turn(
            conversation_id, str(uuid4()), "how long", str(uuid4()), self.clock.now(), reply
        )
        with suppress(TakenOver):
            self.store.record(turn)

    def hires(self, name: str) -> User:
        email = f"{uuid4()}@example.com"
        user = User(str(uuid4()), email, name, Role.AGENT, "en", self.clock.now())
        self.users.add(user, "no hash")
        return user

    def says(self, conversation_id: str, agent: User, text: str) -> str:
        return reply_as_agent(
            self.handoffs,
            self.store,
            self.clock,
            conversation_id=conversation_id,
            agent=agent,
            text=text,
            client_message_id=str(uuid4()),
            limit=4000,
        ).id


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh_database(request, tmp_path) as engine:
        yield engine


@pytest.fixture
def house(engine: Engine) -> House:
    keys = MemoryKeyRing()
    return House(
        SqlStore(engine, keys),
        SqlHandoffs(engine, keys),
        SqlEvents(engine),
        SqlUsers(engine),
        keys,
        FixedClock(),
    )


def test_who_waits_stands_before_who_is_held_and_closed_ones_are_apart(house: House) -> None:
    anna = house.hires("Anna")
    first, second, held, over, quiet = (house.arrives() for _ in range(5))
    for conversation_id in (first, second, held, over):
        house.store.request_handoff(conversation_id, reason="anger")
    for conversation_id in (held, over):
        house.handoffs.move(conversation_id, take(anna.id), by=anna, at=house.clock.now())
    house.handoffs.move(over, close(anna.id), by=anna, at=house.clock.now())
    shown = house.handoffs.queue(["waiting", "held"], limit=10)
    assert [entry.conversation.id for entry in shown] == [first, second, held]
    assert shown[0].reason == "anger"
    assert shown[2].holder is not None
    assert shown[2].holder.name == "Anna"
    states = {
        entry.conversation.id: entry.state for entry in house.handoffs.queue(["closed"], limit=9)
    }
    assert states == {over: "closed"}
    assert [e.conversation.id for e in house.handoffs.queue(["bot"], limit=9)] == [quiet]
    assert house.handoffs.counts() == {"waiting": 2, "held": 1}
    assert house.handoffs.held_by(anna.id) == 1


def test_of_many_agents_at_once_one_takes_it(house: House) -> None:
    conversation_id = house.arrives()
    agents = [house.hires(f"Agent {number}") for number in range(6)]

    def tries(agent: User) -> bool:
        try:
            house.handoffs.move(conversation_id, take(agent.id), by=agent, at=house.clock.now())
        except HandoffRefused:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(tries, agents)) == 1


def test_of_an_agent_and_a_turn_at_once_the_bot_never_speaks_after_the_agent_came(
    house: House,
) -> None:
    anna = house.hires("Anna")
    arrived = [house.arrives() for _ in range(RACES)]
    now = house.clock.now()
    with ThreadPoolExecutor(2) as pool:
        for conversation_id in arrived:
            turn = pool.submit(house.answers, conversation_id)
            taken = pool.submit(
                house.handoffs.move, conversation_id, take(anna.id), by=anna, at=now
            )
            turn.result()
            taken.result()
    for conversation_id in arrived:
        told = [event.data for event in house.events.of(conversation_id, after=0, now=now)]
        whose = [data.get("author", data.get("state")) for data in told]
        assert whose in (["customer", "bot", "held"], ["held", "customer"])


def test_every_move_is_told_once_and_names_the_agent(house: House) -> None:
    anna, conversation_id = house.hires("Anna"), house.arrives()
    now = house.clock.now()
    for move in (take(anna.id), take(anna.id), give_back(anna.id), take(anna.id), close(anna.id)):
        house.handoffs.move(conversation_id, move, by=anna, at=now)
    told = [event.data for event in house.events.of(conversation_id, after=0, now=now)]
    held = {"state": "held", "agent_name": "Anna"}
    assert told == [held, {"state": "bot"}, held, {"state": "closed"}]


def test_nobody_moves_what_is_not_there(house: House) -> None:
    anna = house.hires("Anna")
    with pytest.raises(NotFound):
        house.handoffs.move(str(uuid4()), take(anna.id), by=anna, at=house.clock.now())
    assert house.handoffs.entry(str(uuid4())) is None


def test_the_customer_hears_the_words_and_the_transcript_shows_them_masked(house: House) -> None:
    anna, conversation_id = house.hires("Anna"), house.arrives()
    house.handoffs.move(conversation_id, take(anna.id), by=anna, at=house.clock.now())
    message_id = house.says(conversation_id, anna, "Call me: 13800138000")
    assert house.handoffs.spoken(message_id) == "Call me: 13800138000"
    (line,) = house.handoffs.transcript(conversation_id)
    assert "13800138000" not in line.message.text
    assert (line.agent_name, line.sealed) == ("Anna", True)
    assert house.handoffs.line(message_id) == line
    entry = house.handoffs.entry(conversation_id)
    assert entry is not None
    assert entry.last == line.message
    house.keys.destroy(conversation_id)
    assert house.handoffs.spoken(message_id) == line.message.text


def test_a_browser_that_comes_back_hears_of_late_messages_again_but_not_of_old_ones(
    house: House,
) -> None:
    anna, conversation_id = house.hires("Anna"), house.arrives()
    house.handoffs.move(conversation_id, take(anna.id), by=anna, at=house.clock.now())
    house.says(conversation_id, anna, "one")
    newest, now = house.events.newest(), house.clock.now()
    (again,) = house.events.of(conversation_id, after=newest, now=now)
    assert again.kind == "message"
    assert house.events.of(conversation_id, after=newest, now=now + timedelta(minutes=5)) == []
    assert [event.sequence for event in house.events.since(newest - 1)] == [newest]
