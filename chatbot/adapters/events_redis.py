"""News between processes by publish and subscribe on the broker's server."""

from __future__ import annotations

import threading
from time import monotonic

import redis
import structlog

from chatbot.adapters.broker_address import BrokerAddress
from chatbot.adapters.broker_redis import connect_redis
from chatbot.job_fakes import MemoryEvents

_log = structlog.get_logger()

PREFIX = "kefu:events:"
_LISTEN_SECONDS = 1.0
_PAUSE_SECONDS = 1.0
"""After a failure: a server that is away must not cost every turn its timeout."""


class RedisEvents:
    """Those in this process are woken directly, others through the server.

    The listening thread starts with the first wait and connects again by itself.
    """

    def __init__(self, address: BrokerAddress) -> None:
        self._client = connect_redis(address)
        self._here = MemoryEvents()
        self._lock = threading.Lock()
        self._listener: threading.Thread | None = None
        self._closing = threading.Event()
        self._silent_until = 0.0

    def publish(self, channel: str) -> None:
        self._here.publish(channel)
        if monotonic() < self._silent_until:
            return
        try:
            self._client.publish(PREFIX + channel, b"")
        except (redis.RedisError, OSError):
            self._silent_until = monotonic() + _PAUSE_SECONDS

    def wait(self, channel: str, *, timeout_seconds: float) -> bool:
        self._listen()
        return self._here.wait(channel, timeout_seconds=timeout_seconds)

    async def arrival(self, channel: str, *, timeout_seconds: float) -> bool:
        self._listen()
        return await self._here.arrival(channel, timeout_seconds=timeout_seconds)

    def close(self) -> None:
        self._closing.set()
        if self._listener is not None:
            self._listener.join(2 * _LISTEN_SECONDS)
        self._client.close()

    def _listen(self) -> None:
        if self._listener is not None:
            return
        with self._lock:
            if self._listener is None and not self._closing.is_set():
                self._listener = threading.Thread(target=self._hear_all, name="events", daemon=True)
                self._listener.start()

    def _hear_all(self) -> None:
        lost = False
        while not self._closing.is_set():
            try:
                self._hear()
                lost = False
            except (redis.RedisError, OSError) as error:
                if not lost:
                    _log.warning("events_only_polled", error=type(error).__name__)
                lost = True
                self._closing.wait(_PAUSE_SECONDS)

    def _hear(self) -> None:
        with self._client.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
            subscription.psubscribe(f"{PREFIX}*")
            while not self._closing.is_set():
                message = subscription.get_message(timeout=_LISTEN_SECONDS)
                if message is not None:
                    self._here.publish(message["channel"].decode().removeprefix(PREFIX))
