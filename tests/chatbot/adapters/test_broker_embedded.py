from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from chatbot.adapters.broker_address import BrokerAddress, broker_address
from chatbot.adapters.broker_embedded import EmbeddedBroker
from chatbot.adapters.broker_redis import RedisBroker, connect_redis
from chatbot.adapters.queue_celery import CeleryQueue
from chatbot.errors import BrokerTaken, BrokerUnavailable
from chatbot.fakes import FixedClock
from chatbot.jobs import Job, Queue
from chatbot.settings import Settings


def _settings(home: Path) -> Settings:
    return Settings(home=home, _env_file=None)


@contextmanager
def _running(home: Path) -> Iterator[BrokerAddress]:
    settings = _settings(home)
    address = broker_address(settings)
    broker = EmbeddedBroker(address, run_home=settings.run_home)
    with broker.reserved():
        process = subprocess.Popen(broker.command())
        try:
            broker.wait_until_ready()
            yield address
        finally:
            process.terminate()
            process.wait(10)


def _job(name: str = "a") -> Job:
    return Job(name, "kefu.test", Queue.PRIVACY, "a test", FixedClock().now())


def test_queued_jobs_survive_a_restart(tmp_path: Path) -> None:
    with _running(tmp_path / "a home") as address:
        CeleryQueue(address).send(_job())
    with _running(tmp_path / "a home") as address:
        assert RedisBroker(address).waiting(Queue.PRIVACY) == 1
        assert RedisBroker(address).waiting(Queue.TRAINING) == 0


def test_nobody_else_may_reach_it(tmp_path: Path) -> None:
    with _running(tmp_path) as address:
        assert address.socket is not None
        assert stat.S_IMODE(address.socket.parent.stat().st_mode) == 0o700
        assert not address.socket.stat().st_mode & 0o077
        assert connect_redis(address).config_get("port") == {"port": "0"}


def test_a_home_has_one_and_says_whose_it_is(tmp_path: Path) -> None:
    with _running(tmp_path) as address:
        second = EmbeddedBroker(address, run_home=tmp_path / "run")
        with pytest.raises(BrokerTaken, match=f"process {os.getpid()}"), second.reserved():
            pass
        connect_redis(address).ping()


def test_two_homes_do_not_disturb_each_other(tmp_path: Path) -> None:
    with _running(tmp_path / "one") as one, _running(tmp_path / "two") as two:
        CeleryQueue(one).send(_job())
        assert RedisBroker(two).waiting(Queue.PRIVACY) == 0


def test_a_home_with_a_long_name_has_its_socket_elsewhere(tmp_path: Path) -> None:
    with _running(tmp_path / ("long" * 30)) as address:
        assert address.socket is not None
        assert not address.socket.is_relative_to(tmp_path)
        assert stat.S_IMODE(address.socket.parent.stat().st_mode) == 0o700
        connect_redis(address).ping()


def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time; from pathlib import Path;"
        "from chatbot.settings import Settings;"
        "from chatbot.adapters.broker_address import broker_address;"
        "from chatbot.adapters.broker_embedded import EmbeddedBroker;"
        "settings = Settings(home=Path(sys.argv[1]), _env_file=None);"
        "broker = EmbeddedBroker(broker_address(settings), run_home=settings.run_home);"
        "lock = broker.reserved(); lock.__enter__();"
        "subprocess.Popen(broker.command()); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    client = connect_redis(broker_address(_settings(tmp_path)))
    _until(lambda: _answers(client))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _until(lambda: not _answers(client))


def test_a_broker_that_is_away_is_said_at_once_and_shows_no_password(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"home": tmp_path, "redis_url": "redis://:secret@127.0.0.1:1/0"}
    )
    address = broker_address(settings)
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable) as caught:
        CeleryQueue(address).send(_job())
    with pytest.raises(BrokerUnavailable):
        RedisBroker(address).has_worker()
    assert time.monotonic() - began < 5
    assert "secret" not in repr(address) + str(caught.value) + repr(settings)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def _until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
