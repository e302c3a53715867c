"""A privacy desk on a database of a test's own, with a conversation to try it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.engine import make_url

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.tables import users
from chatbot.conversation import Action, Conversation, Language, Reply, Turn
from chatbot.fakes import FixedClock
from chatbot.masking import mask_message
from chatbot.privacy_desk import Actor, PrivacyDesk
from chatbot.privacy_home import make_privacy_desk
from privacy.keyring_file import FileKeyRing

ADMIN = Actor("u-admin", "admin")
PURPOSE = "complaint 4711"


@contextmanager
def fresh_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """`request.param` says which; PostgreSQL gives a schema of its own for each test."""
    url = f"sqlite:///{folder / 'kefu.db'}"
    if request.param == "postgres":
        shared = request.getfixturevalue("postgres_url")
        schema = f"test_{uuid4().hex}"
        admin = connect(shared)
        with admin.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        admin.dispose()
        own = make_url(shared).update_query_dict({"options": f"-csearch_path={schema}"})
        url = own.render_as_string(hide_password=False)
    engine = connect(url)
    migrate(engine)
    yield engine
    engine.dispose()


@dataclass
class Room:
    engine: Engine
    store: SqlStore
    desk: PrivacyDesk
    clock: FixedClock
    keys: FileKeyRing

    def open(self, customer: str = "") -> Conversation:
        conversation = Conversation(
            str(uuid4()),
            "web",
            "demo",
            Language.EN,
            "0" * 64,
            self.clock.now(),
            customer=customer,
        )
        self.store.open(conversation)
        return conversation

    def say(self, conversation: Conversation, original: str) -> Turn:
        reply = Reply(str(uuid4()), "Noted.", Language.EN, Action.ANSWER, "thanks", 0.9)
        masked = mask_message(
            original,
            earlier=lambda: [known.text for known in self.store.messages(conversation.id)],
        )
        turn = Turn(
            conversation.id,
            str(uuid4()),
            masked,
            str(uuid4()),
            self.clock.now(),
            reply,
            {"reason": "article", "query": masked},
            original=original,
        )
        return self.store.record(turn)

    def agent(self, user_id: str) -> Actor:
        row = {
            "id": user_id,
            "email": f"{user_id}@example.com",
            "name": "A",
            "role": "agent",
            "language": "en",
            "password_hash": "-",
            "created_at": self.clock.now(),
        }
        with self.engine.begin() as connection:
            connection.execute(insert(users).values(row))
        return Actor(user_id, "agent")


def make_room(engine: Engine, folder: Path) -> Room:
    clock = FixedClock()
    keys = FileKeyRing(folder / "keys", now=clock.now)
    return Room(
        engine,
        SqlStore(engine, keys),
        make_privacy_desk(engine, keys, clock=clock),
        clock,
        keys,
    )
