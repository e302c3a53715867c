"""`kefu serve`, and `kefu worker` and `kefu beat` for who runs them apart."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from chatbot.errors import SettingsInvalid
from chatbot.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("worker")(worker)
    app.command("beat")(beat)


def serve(
    host: Annotated[str | None, typer.Option(help="KEFU_HOST when not given.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="KEFU_PORT when not given; 0 picks one.")
    ] = None,
    workers: Annotated[
        bool | None,
        typer.Option(
            "--workers/--no-workers",
            help="Run broker, worker and beat as well; KEFU_WORKERS when not given.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve the widget, the demo shop and the HTTP interface, with the work behind them."""
    settings = load_settings()
    address = (host or settings.host, settings.port if port is None else port)
    listener = _listen(address)
    shown = listener.getsockname()
    console = Console(stderr=True)
    with ExitStack() as stack:
        if settings.workers if workers is None else workers:
            stack.enter_context(_work(settings))
        console.print(f"Kefu is coming up on http://{shown[0]}:{shown[1]} (Ctrl+C stops it).")
        # The models' libraries take seconds to import: neither other commands nor the workers,
        # which begin meanwhile, should wait for them.
        import uvicorn

        from chatbot.bootstrap import build
        from web.app import create_app
        from web.demo_shop import with_demo_shop
        from web.server import Server

        kefu = build(with_demo_shop(settings, host=shown[0], port=shown[1]))
        stack.callback(kefu.events.close)
        # The first customer must not wait for the models, and a broken index is said here.
        kefu.warm_up()
        if kefu.office is not None and not kefu.office.users.all():
            console.print(
                "Nobody can sign in to /console yet: kefu users add YOU@EXAMPLE.COM --role admin",
                highlight=False,
            )
        server = Server(
            uvicorn.Config(
                create_app(kefu),
                log_level=settings.log_level.lower() if settings.log_level != "INFO" else "warning",
                # The address line quotes paths with conversation ids; metrics count instead.
                access_log=False,
                timeout_graceful_shutdown=10,
            )
        )
        server.run(sockets=[listener])


def worker() -> None:
    """Do background jobs; any number of workers may run."""
    _become("worker")


def beat() -> None:
    """Start background jobs by the clock; run one of it."""
    _become("beat")


def _become(role: str) -> NoReturn:
    """The command line has imported what a worker would keep for nothing."""
    from chatbot.worker import command

    load_settings()
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = command(role)
    os.execv(arguments[0], arguments)


@contextmanager
def _work(settings: Settings) -> Iterator[None]:
    """Broker, worker and beat for as long as the server runs.

    The customer is answered without them: what fails later is started again and said in /readyz.
    """
    from chatbot import child
    from chatbot.adapters.broker_address import broker_address
    from chatbot.adapters.broker_embedded import EmbeddedBroker
    from chatbot.supervisor import Part, Supervisor
    from chatbot.worker import command

    address = broker_address(settings)
    parts = [
        # A job that is cut off goes on after the next start.
        Part(role, child.command(*command(role), how=signal.SIGKILL))
        for role in ("worker", "beat")
    ]
    with ExitStack() as stack:
        if address.socket is not None:
            broker = EmbeddedBroker(address, run_home=settings.run_home)
            stack.enter_context(broker.reserved())
            parts.insert(0, Part("broker", broker.command()))
        supervisor = Supervisor(parts)
        # Without this the server's own end by SIGTERM would skip what follows.
        signal.signal(signal.SIGTERM, _leave)
        stack.callback(supervisor.stop)
        supervisor.start()
        yield


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


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
