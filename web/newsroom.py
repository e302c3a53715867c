"""One reader of the events table for all browsers that listen to this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from anyio import to_thread

from chatbot.errors import KefuError
from chatbot.happenings import Event, EventStore
from chatbot.ports import Events

POLL_SECONDS = 0.5
CHANNEL = "events"
LATE = 200
"""Events that come into sight so much later than their number are still noticed."""
_BACKLOG = 2000
"""A browser that reads slower than this is cut off and comes back with its last number."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Typing:
    """Said to those who listen now, and never stored."""

    conversation_id: str
    agent_name: str


News = Event | Typing
Inbox = asyncio.Queue[News | None]
"""None: the stream ends here."""


class Newsroom:
    """Reads only while somebody listens. Weakness: typing does not reach other replicas."""

    def __init__(self, events: EventStore, wake: Events | None = None) -> None:
        self._events = events
        self._wake = wake
        self._inboxes: set[Inbox] = set()
        self._reader: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Inbox]:
        """Everything from this moment on; raises KefuError where the events cannot be read."""
        inbox: Inbox = asyncio.Queue(_BACKLOG)
        if self._closed:
            inbox.put_nowait(None)
        self._inboxes.add(inbox)
        try:
            await self._reading()
            yield inbox
        finally:
            self._inboxes.discard(inbox)

    def call(self) -> None:
        """Something was written: tell all processes to look."""
        if self._wake is not None:
            self._wake.publish(CHANNEL)

    def typing(self, conversation_id: str, agent_name: str) -> None:
        if self._loop is not None:
            item = Typing(conversation_id, agent_name)
            self._loop.call_soon_threadsafe(self._deliver, item)

    def close(self) -> None:
        """End every stream, from any thread: the server is going down."""
        self._closed = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._deliver, None)

    async def _reading(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._reader is None or self._reader.done():
            newest = await to_thread.run_sync(self._events.newest)
            # Another browser may have come while this one waited.
            if self._reader is None or self._reader.done():
                self._reader = self._loop.create_task(self._read(newest))

    async def _read(self, newest: int) -> None:
        floor, last, seen = newest, newest, set[int]()
        while self._inboxes and not self._closed:
            await self._pause()
            try:
                after = max(floor, last - LATE)
                found = await to_thread.run_sync(self._events.since, after)
            except KefuError as error:
                _log.warning("events_unreadable", error=type(error).__name__)
                continue
            for event in found:
                if event.sequence not in seen:
                    seen.add(event.sequence)
                    self._deliver(event)
            last = max([last, *(event.sequence for event in found)])
            seen = {number for number in seen if number > last - LATE}

    async def _pause(self) -> None:
        if self._wake is None:
            await asyncio.sleep(POLL_SECONDS)
        else:
            await self._wake.arrival(CHANNEL, timeout_seconds=POLL_SECONDS)

    def _deliver(self, item: News | None) -> None:
        for inbox in list(self._inboxes):
            try:
                inbox.put_nowait(item)
            except asyncio.QueueFull:
                self._inboxes.discard(inbox)
                with contextlib.suppress(asyncio.QueueEmpty):
                    while True:
                        inbox.get_nowait()
                inbox.put_nowait(None)
