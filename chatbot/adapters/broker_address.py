"""Where the broker is: the server that the settings name, or the embedded one of KEFU_HOME."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from chatbot.settings import Settings

# The kernel takes 107 bytes (unix(7)); the server adds a suffix to its draft.
_SOCKET_BYTES = 95


@dataclass(frozen=True)
class BrokerAddress:
    """May hold a password: its representation shows none."""

    celery: str = field(repr=False)
    """As kombu reads it."""
    redis: str = field(repr=False)
    """As redis-py reads it."""
    socket: Path | None = None
    """Of the embedded server."""


def broker_address(settings: Settings) -> BrokerAddress:
    if settings.redis_url is not None:
        url = settings.redis_url.get_secret_value()
        return BrokerAddress(url, url)
    socket = _socket(settings.run_home)
    path = quote(str(socket))
    return BrokerAddress(f"redis+socket://{path}", f"unix://{path}", socket)


def _socket(run_home: Path) -> Path:
    """Below KEFU_HOME; where that path is too long for a socket, in a folder of the user's own."""
    near = run_home / "broker.sock"
    if len(os.fsencode(near)) <= _SOCKET_BYTES:
        return near
    name = sha256(os.fsencode(run_home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kefu-{os.geteuid()}" / f"{name}.sock"
