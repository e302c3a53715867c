"""Who read which customer's words: in the ledger once for each reader, place and hour.

A console asks again every few seconds; what an auditor wants to know is who looked, not how often
the page was refreshed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from chatbot.conversation import Conversation
from chatbot.people import Role, User
from chatbot.ports import Clock
from chatbot.privacy_ports import Ledger
from chatbot.subjects import conversation_subject
from privacy.keyring import KeyRing

READ = "read"
SERVICE, SUPERVISION, AUDIT, IMPROVE = "service", "supervision", "audit", "improve"
QUEUE = "queue"
"""The list of conversations, with the last words of each."""


@dataclass
class ReadLog:
    """Weakness: without memory of the hour, as after a restart, the ledger is asked instead, which
    costs a look-up and never a second entry."""

    ledger: Ledger
    keys: KeyRing
    clock: Clock
    _noted: set[tuple[str, str]] = field(default_factory=set)
    _hour: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def conversation(self, reader: User, conversation: Conversation, *, holder: str | None) -> None:
        """Before the words are shown: where nothing can be written, nothing is shown."""
        if self._is_new(reader, conversation.id):
            subject = conversation_subject(self.keys, conversation)
            self._write(reader, subject, purpose_of(reader, holder), known_as=conversation.id)

    def place(self, reader: User, place: str, *, purpose: str) -> None:
        """Where words of many customers stand together."""
        if self._is_new(reader, place):
            self._write(reader, place, purpose, known_as=place)

    def _is_new(self, reader: User, place: str) -> bool:
        hour = _hour_of(self.clock.now())
        with self._lock:
            if hour != self._hour:
                self._noted, self._hour = set(), hour
            return (reader.id, place) not in self._noted

    def _write(self, reader: User, subject: str, purpose: str, *, known_as: str) -> None:
        now = self.clock.now()
        self.ledger.append_once(
            since=_hour_of(now),
            at=now,
            actor=reader.id,
            role=reader.role.value,
            action=READ,
            subject=subject,
            purpose=purpose,
        )
        with self._lock:
            self._noted.add((reader.id, known_as))


def purpose_of(reader: User, holder: str | None) -> str:
    """An agent who does not hold the conversation looks whether to take it."""
    if reader.id == holder or reader.role is Role.AGENT:
        return SERVICE
    return AUDIT if reader.role is Role.AUDITOR else SUPERVISION


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
