"""A privacy desk on a database of a test's own, with a conversation to try it on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, insert

from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.tables import users
from chatbot.conversation import Action, Conversation, Language, Reply, Turn
from chatbot.fakes import FixedClock
from chatbot.masking import mask_message
from chatbot.privacy_desk import Actor, PrivacyDesk
from chatbot.privacy_home import make_privacy_desk
from chatbot.settings import Settings
from privacy.keyring_file import FileKeyRing

ADMIN = Actor("u-admin", "admin")
PURPOSE = "complaint 4711"


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
        make_privacy_desk(
            engine, keys, clock=clock, settings=Settings(home=folder, _env_file=None)
        ),
        clock,
        keys,
    )
