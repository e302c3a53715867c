"""`kefu serve`."""

from __future__ import annotations

import errno
import socket
from typing import Annotated

import typer
from rich.console import Console

from chatbot.errors import SettingsInvalid
from chatbot.settings import load_settings


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="KEFU_HOST when not given.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="KEFU_PORT when not given; 0 picks one.")
    ] = None,
) -> None:
    """Serve the widget, the demo shop and the HTTP interface."""
    # The models' libraries take seconds to import: no other command should wait for them.
    import uvicorn

    from chatbot.bootstrap import build
    from web.app import create_app

    settings = load_settings()
    address = (host or settings.host, settings.port if port is None else port)
    listener = _listen(address)
    shown = listener.getsockname()
    console = Console(stderr=True)
    console.print(f"Kefu is coming up on http://{shown[0]}:{shown[1]} (Ctrl+C stops it).")
    kefu = build(settings)
    # The first customer must not wait for the models, and a broken index is said here.
    kefu.warm_up()
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(kefu),
            log_level=settings.log_level.lower() if settings.log_level != "INFO" else "warning",
            # The address line quotes paths with conversation ids; metrics count instead.
            access_log=False,
            timeout_graceful_shutdown=10,
        )
    )
    server.run(sockets=[listener])


def _listen(address: tuple[str, int]) -> socket.socket:
    """Taken before the models load, so that a busy port is said at once."""
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol asyncio does not recognise TCP and leaves Nagle's algorithm on, which
    # delays every small answer by 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # From here on early callers wait instead of being turned away.
        listener.listen()
    except OSError as error:
        listener.close()
        busy = error.errno == errno.EADDRINUSE
        reason = "another program uses it" if busy else (error.strerror or "unknown reason")
        raise SettingsInvalid(f"Cannot serve on {host}:{port}: {reason}.") from None
    return listener
