"""Notes in the ledger that somebody here reads customers' words."""

from __future__ import annotations

from chatbot.bootstrap import Kefu
from chatbot.handoff import Entry
from chatbot.people import User


def note_read(kefu: Kefu, reader: User, entry: Entry) -> None:
    """Of a conversation. Where there is no privacy desk, nothing is kept that could be read."""
    if kefu.privacy is not None:
        holder = entry.holder.id if entry.holder is not None else None
        kefu.privacy.reads.conversation(reader, entry.conversation, holder=holder)


def note_place(kefu: Kefu, reader: User, place: str, *, purpose: str) -> None:
    """Of a list in which many customers' words stand."""
    if kefu.privacy is not None:
        kefu.privacy.reads.place(reader, place, purpose=purpose)
