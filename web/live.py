"""Server-sent events for customers and agents, resumed by `Last-Event-ID`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from anyio import to_thread

from chatbot.bootstrap import Kefu
from chatbot.conversation import Author, Conversation, State
from chatbot.handoff import entry_of
from chatbot.happenings import Event
from chatbot.office import Office
from chatbot.people import User
from web.newsroom import Inbox, News, Newsroom, Typing
from web.reads import console_message
from web.schemas_console import ConsoleMessage, Moved, SpokenMessage, StateChanged
from web.streaming import event as block

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = ": \n\n"
MESSAGE, STATE, TYPING, QUEUE, HELLO = "message", "state", "typing", "queue", "hello"
_ATTENDED = 200


@dataclass(frozen=True)
class Live:
    """What the streams of one application are made from."""

    kefu: Kefu
    office: Office
    newsroom: Newsroom


def parse_last_event_id(header: str | None) -> int | None:
    """None for no number: the header comes back as it was sent, so a wrong one is not ours."""
    if header is None or not header.isascii() or not header.isdigit():
        return None
    return min(int(header), 2**31 - 1)


async def customer_stream(
    live: Live, conversation: Conversation, *, after: int
) -> AsyncIterator[str]:
    """`message` (agents' words), `state` and `typing` of one conversation."""
    teller = _CustomerTeller(live, conversation)
    now = live.kefu.clock.now()
    async with live.newsroom.subscribe() as inbox:
        yield HEARTBEAT
        missed = partial(live.office.events.of, conversation.id, after=after, now=now)
        numbers = _Numbers(after)
        for event in await to_thread.run_sync(missed):
            if numbers.is_new(event):
                yield numbers.mark(await teller.tell(event), event)
        async for item in _with_heartbeats(inbox):
            if item is None:
                yield HEARTBEAT
            elif item.conversation_id == conversation.id and numbers.is_new(item):
                yield numbers.mark(await teller.tell(item), item)


async def agent_stream(
    live: Live, user: User, token: str, *, conversation_id: str | None, after: int | None
) -> AsyncIterator[str]:
    """`queue` of all that wait or are held; `message` and `state` of one conversation."""
    teller = _AgentTeller(live, user, conversation_id)
    async with live.newsroom.subscribe() as inbox:
        newest = await to_thread.run_sync(live.office.events.newest)
        begin = newest if after is None else min(after, newest)
        numbers = _Numbers(begin)
        yield f"id: {begin}\n" + block(HELLO, {"last_event_id": begin})
        await teller.learn_queue()
        for event in await to_thread.run_sync(partial(live.office.events.since, begin)):
            if numbers.is_new(event):
                yield numbers.mark(await teller.tell(event), event)
        async for item in _with_heartbeats(inbox):
            if item is None:
                if await to_thread.run_sync(live.office.door.session, token) is None:
                    return
                yield HEARTBEAT
            elif isinstance(item, Event) and numbers.is_new(item):
                yield numbers.mark(await teller.tell(item), item)


async def _with_heartbeats(inbox: Inbox) -> AsyncIterator[News | None]:
    """What comes in; None where nothing came for a while."""
    while True:
        try:
            item = await asyncio.wait_for(inbox.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield None
            continue
        if item is None:
            return
        yield item


class _Numbers:
    """Which events this stream has told, and the number that its browser comes back with."""

    def __init__(self, after: int) -> None:
        self._highest = after
        self._told: set[int] = set()

    def is_new(self, item: News) -> bool:
        if isinstance(item, Typing):
            return True
        new = item.sequence not in self._told
        self._told.add(item.sequence)
        return new

    def mark(self, text: str, item: News) -> str:
        """A late event does not set the number back."""
        if isinstance(item, Typing):
            return text
        self._highest = max(self._highest, item.sequence)
        if len(self._told) > 2 * _ATTENDED:
            self._told = {number for number in self._told if number > self._highest - _ATTENDED}
        # What is not for these ears still moves the number on.
        return f"id: {self._highest}\n{text}" if text else f"id: {self._highest}\n\n"


class _CustomerTeller:
    def __init__(self, live: Live, conversation: Conversation) -> None:
        self._office = live.office
        self._conversation = conversation

    async def tell(self, item: News) -> str:
        if isinstance(item, Typing):
            return block(TYPING, {"author": "agent", "agent_name": item.agent_name})
        if item.kind == STATE:
            change = StateChanged(state=item.data["state"], agent_name=item.data.get("agent_name"))
            return block(STATE, change.model_dump())
        if item.data.get("author") != Author.AGENT.value:
            return ""
        message = await to_thread.run_sync(self._spoken, str(item.data["message_id"]))
        return block(MESSAGE, message.model_dump(mode="json")) if message is not None else ""

    def _spoken(self, message_id: str) -> SpokenMessage | None:
        line = self._office.handoffs.line(message_id)
        text = self._office.handoffs.spoken(message_id)
        return SpokenMessage.of(line, text) if line is not None and text else None


class _AgentTeller:
    def __init__(self, live: Live, user: User, conversation_id: str | None) -> None:
        self._kefu = live.kefu
        self._office = live.office
        self._user = user
        self._open = conversation_id
        self._attended: set[str] = set()

    async def learn_queue(self) -> None:
        states = (State.WAITING.value, State.HELD.value)
        queue = partial(self._office.handoffs.queue, states, limit=_ATTENDED)
        self._attended = {entry.conversation.id for entry in await to_thread.run_sync(queue)}

    async def tell(self, item: News) -> str:
        if isinstance(item, Typing):
            return ""
        told = ""
        if item.conversation_id == self._open and item.kind == MESSAGE:
            message_id = str(item.data["message_id"])
            message = await to_thread.run_sync(self._read, message_id)
            if message is not None:
                said = message.model_dump(mode="json")
                told = block(MESSAGE, {"conversation_id": item.conversation_id, "message": said})
        if item.kind == STATE or item.conversation_id in self._attended:
            told += await self._queue_changed(item)
        return told

    def _read(self, message_id: str) -> ConsoleMessage | None:
        line = self._office.handoffs.line(message_id)
        if line is None or not line.message.text:
            return None
        entry = entry_of(self._office.handoffs, self._open or "")
        return console_message(self._kefu, self._user, entry, line)

    async def _queue_changed(self, item: Event) -> str:
        entry = await to_thread.run_sync(self._office.handoffs.entry, item.conversation_id)
        if entry is None:
            return ""
        if entry.state in (State.WAITING, State.HELD):
            self._attended.add(item.conversation_id)
        else:
            self._attended.discard(item.conversation_id)
        moved = Moved.of(entry, self._user).model_dump()
        names = [QUEUE]
        if item.kind == STATE and item.conversation_id == self._open:
            names.append(STATE)
        return "".join(block(name, moved) for name in names)
