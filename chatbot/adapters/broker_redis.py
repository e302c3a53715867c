"""Look at the broker: does it answer, is a worker there, how long is a queue."""

from __future__ import annotations

import redis

from chatbot.adapters.broker_address import BrokerAddress
from chatbot.errors import BrokerUnavailable
from chatbot.jobs import Queue

ALIVE = "kefu:worker:alive"
ALIVE_SECONDS = 15
"""A worker says that it lives every two seconds; a busy machine may swallow some."""
_TIMEOUT_SECONDS = 1.0


def connect_redis(address: BrokerAddress) -> redis.Redis:
    """Nothing is sent yet."""
    return redis.Redis.from_url(
        address.redis,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        health_check_interval=30,
    )


class RedisBroker:
    """Raises BrokerUnavailable."""

    def __init__(self, address: BrokerAddress) -> None:
        self._client = connect_redis(address)

    def has_worker(self) -> bool:
        try:
            return bool(self._client.exists(ALIVE))
        except (redis.RedisError, OSError) as error:
            raise BrokerUnavailable(type(error).__name__) from None

    def say_alive(self) -> None:
        """A worker's sign of life; a broker that is away does not stop it."""
        try:
            self._client.set(ALIVE, "1", ex=ALIVE_SECONDS)
        except (redis.RedisError, OSError):
            return

    def waiting(self, queue: Queue) -> int:
        try:
            return int(self._client.llen(queue.value))
        except (redis.RedisError, OSError) as error:
            raise BrokerUnavailable(type(error).__name__) from None
