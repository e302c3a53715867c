"""Customers' words for somebody who works here, and the notes in the ledger that they are read."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.agent_masks import masks_in, masks_of
from chatbot.bootstrap import Kefu
from chatbot.handoff import Entry, Line
from chatbot.people import User
from web.schemas_console import ConsoleMessage


def note_read(kefu: Kefu, reader: User, entry: Entry) -> None:
    """Of a conversation. Where there is no privacy desk, nothing is kept that could be read."""
    if kefu.privacy is not None:
        holder = entry.holder.id if entry.holder is not None else None
        kefu.privacy.reads.conversation(reader, entry.conversation, holder=holder)


def console_messages(
    kefu: Kefu, reader: User, entry: Entry, lines: Sequence[Line]
) -> list[ConsoleMessage]:
    """The lines as this reader may see them; the reading is noted before any mask is made."""
    note_read(kefu, reader, entry)
    masks = masks_in(kefu.privacy, reader, entry) if kefu.privacy is not None else {}
    return [ConsoleMessage.of(line, masks.get(line.message.id, {})) for line in lines]


def console_message(kefu: Kefu, reader: User, entry: Entry, line: Line) -> ConsoleMessage:
    """As `console_messages`, of one line."""
    note_read(kefu, reader, entry)
    if kefu.privacy is None:
        return ConsoleMessage.of(line, {})
    masks = masks_of(kefu.privacy, reader, entry, message_id=line.message.id)
    return ConsoleMessage.of(line, masks)


def note_place(kefu: Kefu, reader: User, place: str, *, purpose: str) -> None:
    """Of a list in which many customers' words stand."""
    if kefu.privacy is not None:
        kefu.privacy.reads.place(reader, place, purpose=purpose)
