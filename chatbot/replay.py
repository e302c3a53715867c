"""A conversation as its customer saw it: what was said, and who came and went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chatbot.conversation import Conversation
from chatbot.handoff import Line
from chatbot.happenings import Event
from chatbot.office import Office
from chatbot.ports import ConversationStore

MESSAGE, STATE = "message", "state"


@dataclass(frozen=True)
class Change:
    """Somebody else speaks from here on, or nobody any more."""

    at: datetime
    state: str
    """`bot`, `waiting`, `held` or `closed`."""
    agent_name: str | None = None


def replay(
    store: ConversationStore, office: Office | None, conversation: Conversation, *, now: datetime
) -> list[Line | Change]:
    """In order. Masked, also where the customer has read an agent's words as they were written."""
    if office is None:
        return [Line(message) for message in store.messages(conversation.id)]
    events = office.events.of(conversation.id, after=0, now=now)
    return list(_in_order(office.handoffs.transcript(conversation.id), events))


def _in_order(lines: Sequence[Line], events: Sequence[Event]) -> Iterator[Line | Change]:
    """What happened has a number of its own; what was said before that was counted comes first."""
    told = {event.data.get("message_id") for event in events if event.kind == MESSAGE}
    said = {line.message.id: line for line in lines if line.message.text}
    yield from (line for name, line in said.items() if name not in told)
    for event in events:
        line = said.get(str(event.data.get("message_id")))
        if event.kind == STATE:
            yield Change(event.created_at, event.data["state"], event.data.get("agent_name"))
        elif event.kind == MESSAGE and line is not None:
            yield line
