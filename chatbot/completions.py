"""A customer's message that comes with all that was said before, as clients of OpenAI send it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from chatbot.api_keys import Caller
from chatbot.conversation import Conversation
from chatbot.desk import Desk
from chatbot.errors import InputInvalid
from chatbot.fakes import MemoryStore
from chatbot.flows.clerk import Clerk
from chatbot.handoff import Received, receive
from chatbot.reception import open_conversation
from chatbot.turn import answer_turn

CHANNEL = "openai"
REPLAYED = 3
"""Earlier messages of the customer that give the context of the last; more would cost a turn's
time each, and the dialogue looks back no further."""


@dataclass(frozen=True)
class Transcript:
    """What a client says was said: `(role, text)`, the customer's last message at the end."""

    lines: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def customer(self) -> tuple[str, ...]:
        return tuple(text for role, text in self.lines if role == "user")

    def message_id(self, caller: Caller, *, chosen: str | None) -> str:
        """The same for the same transcript, so that a client which sends it again acts once.

        A client that sends its last message only is told apart by `chosen` (its Idempotency-Key):
        two customers' "yes" look the same, and so do one customer's.
        """
        if chosen is not None:
            return caller.message_id("chosen", chosen)
        if len(self.lines) == 1:
            return str(uuid4())
        return caller.message_id(*(part for line in self.lines for part in line))


def open_for(
    caller: Caller, desk: Desk, *, collection: str, customer: str | None
) -> tuple[Conversation, str]:
    """A conversation that the same key finds again, and its token."""
    opened = open_conversation(
        desk.store,
        desk.clock,
        channel=CHANNEL,
        collection=collection,
        customer=customer,
        token_of=caller.token_of,
    )
    return opened.conversation, opened.token


def begin(
    desk: Desk, conversation: Conversation, transcript: Transcript, *, forms: bool
) -> Received:
    """The first turn of a conversation whose past only the client knows.

    The past is replayed where nothing is kept and no form runs, so that nothing acts twice. Unless
    `forms`, none runs for the last message either: whoever will not hand the conversation back
    could not fill one.
    """
    *earlier, last = transcript.customer
    remembered = replace(conversation, memory=recall(desk, conversation, earlier))
    chosen = desk if forms else replace(desk, clerk=Clerk())
    return receive(chosen, remembered, text=last, client_message_id=str(uuid4()))


def recall(desk: Desk, conversation: Conversation, earlier: Sequence[str]) -> Mapping[str, object]:
    """What the dialogue would remember after these messages. What is no message is passed over."""
    rehearsal = MemoryStore()
    rehearsal.open(conversation)
    alone = replace(desk, store=rehearsal, clerk=Clerk(), writer=None)
    for place, text in enumerate(earlier[-REPLAYED:]):
        current = rehearsal.find(conversation.id) or conversation
        try:
            answer_turn(alone, current, text=text, client_message_id=str(place))
        except InputInvalid:
            continue
    return (rehearsal.find(conversation.id) or conversation).memory
