"""kill -9 of a real process in the middle of a full re-encryption, at moments nobody chose."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from chatbot.adapters.store_attributes import SqlAttributes
from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.tables import conversations, messages
from chatbot.clock import SystemClock
from chatbot.conversation import Author, Conversation, Language, Message
from chatbot.privacy_desk import Actor
from chatbot.privacy_home import make_privacy_desk
from chatbot.reseal import reseal_stored
from chatbot.sealing import open_message
from privacy.keyring_file import FileKeyRing
from tests.databases import sqlite_database

CUSTOMERS = tuple(f"customer {number}" for number in range(24))
MESSAGES = 3
KILLS = 12
RESEAL_FOR_EVER = """
import sys
from pathlib import Path
from chatbot.adapters.database import connect
from chatbot.privacy_desk import Actor
from chatbot.privacy_home import make_privacy_desk
from chatbot.reseal import reseal_stored
from privacy.keyring_file import FileKeyRing

home = Path(sys.argv[1])
desk = make_privacy_desk(connect(f"sqlite:///{home / 'kefu.db'}"), FileKeyRing(home / "keys"))
print("ready", flush=True)
while True:
    reseal_stored(desk, actor=Actor("a test", "operator"), grace_seconds=0)
    print("again", flush=True)
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite_database(tmp_path / "kefu.db")
    yield engine
    engine.dispose()


def _fill(engine: Engine, keys: FileKeyRing) -> None:
    store, attributes, now = (
        SqlStore(engine, keys),
        SqlAttributes(engine, keys),
        SystemClock().now(),
    )
    for customer in CUSTOMERS:
        conversation = Conversation(
            f"of {customer}", "web", "demo", Language.EN, "0" * 64, now, customer=customer
        )
        store.open(conversation)
        attributes.give(customer, "age_band", value=f"band of {customer}", at=now)
        for number in range(MESSAGES):
            store.add_message(
                Message(
                    f"{customer}/{number}",
                    conversation.id,
                    Author.CUSTOMER,
                    "masked",
                    Language.EN,
                    now,
                    original=f"{customer} says {number}",
                )
            )


def _opened(engine: Engine, keys: FileKeyRing) -> dict[str, str]:
    query = select(messages.c.id, messages.c.sealed, conversations.c.customer).join(conversations)
    with engine.begin() as connection:
        rows = connection.execute(query).all()
    return {
        message_id: open_message(keys, sealed, customer=customer, message_id=message_id)
        for message_id, sealed, customer in rows
    }


def _kill_a_reseal(home: Path, *, after_passes: int, after_seconds: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RESEAL_FOR_EVER, str(home)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    # By the clock alone, a busy machine would be killed before it ever ends a pass.
    for _ in range(after_passes):
        assert process.stdout.readline() == b"again\n"
    time.sleep(after_seconds)
    assert process.poll() is None, "the re-encryption failed by itself"
    process.kill()
    process.wait()
    process.stdout.close()


def test_after_any_kill_every_original_opens_and_the_work_can_be_ended(
    tmp_path: Path, engine: Engine
) -> None:
    keys, chance = FileKeyRing(tmp_path / "keys"), random.Random(11)
    _fill(engine, keys)
    said = {f"{customer}/{n}": f"{customer} says {n}" for customer in CUSTOMERS for n in range(3)}
    told = [f"band of {customer}" for customer in sorted(CUSTOMERS)]
    attributes, broken_off, in_use = SqlAttributes(engine, keys), 0, set[str]()
    for kill in range(KILLS):
        _kill_a_reseal(tmp_path, after_passes=kill % 2, after_seconds=chance.uniform(0.0, 0.5))
        assert _opened(engine, keys) == said, f"after kill {kill}"
        assert [one.value for one in attributes.told_by(CUSTOMERS)] == told, f"after kill {kill}"
        broken_off += keys.status().former > 0
        in_use.add(keys.find(CUSTOMERS[-1]).id)
    assert broken_off >= KILLS // 3, "the kills did not meet re-encryptions"
    assert len(in_use) > 2
    desk = make_privacy_desk(engine, keys)
    assert reseal_stored(desk, actor=Actor("a test", "operator"), grace_seconds=0).unreadable == 0
    assert _opened(engine, keys) == said
    assert (keys.status().former, keys.status().keys) == (0, len(CUSTOMERS))
    steps = [entry.action for entry in desk.ledger.entries()]
    assert steps == ["reseal_begin", "reseal_end"] * (len(steps) // 2)
