"""`python -m tests.e2e.canary_processes server|worker`: the product at its most talkative.

Every library logs at debug level to stderr, and here and there code logs a customer's words, or
breaks with them in its hands, as a careless change might make it do.
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
import uvicorn

from chatbot.adapters.broker_address import broker_address
from chatbot.adapters.broker_redis import RedisBroker
from chatbot.adapters.events_redis import RedisEvents
from chatbot.conversation import Turn
from chatbot.customer_export import export_customer
from chatbot.job_kinds import Assignment, JobKind, load_kinds
from chatbot.jobs import Queue
from chatbot.logs import configure_logging
from chatbot.ports import IntentModel
from chatbot.privacy_desk import Actor
from chatbot.privacy_home import open_privacy_desk
from chatbot.settings import load_settings
from chatbot.worker import run_worker
from tests.e2e.small_company import open_company
from web.app import create_app
from web.server import Server

CRASH_INSIDE, CRASH_AT_THE_END = "crash inside:", "crash at the end:"
QUOTING = "test.quoting"
_log = structlog.get_logger()
_library = logging.getLogger("a.careless.library")


class CarelessStore:
    """The real one; it logs what it keeps, and some of it breaks it."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def record(self, turn: Turn) -> Turn:
        _log.debug("turn_kept", text=turn.original, parts=[turn.original])
        _library.debug("keeping %s of %r", turn.original, {"text": turn.original})
        if (turn.original or "").startswith(CRASH_AT_THE_END):
            raise RuntimeError(f"cannot keep {turn.original}")
        recorded: Turn = self._store.record(turn)
        return recorded


class CarelessIntents:
    def __init__(self, model: IntentModel) -> None:
        self._model = model
        self.version, self.labels = model.version, model.labels

    def understand(self, texts: list[str]) -> Any:
        if texts[0].startswith(CRASH_INSIDE):
            raise RuntimeError(f"cannot understand {texts}")
        return self._model.understand(texts)


def serve() -> None:
    settings = load_settings()
    kefu, _ = open_company(settings)
    model = CarelessIntents(kefu.intents(settings.collection))
    address = broker_address(settings)
    kefu = replace(
        kefu,
        store=CarelessStore(kefu.store),
        intents=lambda _name: model,
        events=RedisEvents(address),
        broker=RedisBroker(address),
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        server = Server(uvicorn.Config(create_app(kefu), log_level="debug"))
        server.run(sockets=[listener])


def _quote(given: Assignment) -> Mapping[str, object]:
    """Reads everything in the clear, says it, and breaks with it in its hands."""
    desk = open_privacy_desk(given.settings)
    customer = given.text("customer")
    words = export_customer(desk, Actor("worker", "system"), customer=customer, purpose="a test")
    for message in words["conversations"][0]["messages"]:
        _log.debug("job_reads", message=message)
        _library.debug("read %s", message["original"])
    try:
        raise KeyError(str(words))
    except KeyError:
        _library.exception("could not handle what was read")
    raise ValueError(f"cannot use {words}")


KINDS = {
    **load_kinds(),
    QUOTING: JobKind(QUOTING, Queue.PRIVACY, _quote, 60, ("Quote", "引用"), ("customer",)),
}


if __name__ == "__main__":
    configure_logging("DEBUG")
    logging.basicConfig(level=logging.DEBUG)
    if sys.argv[1] == "server":
        serve()
    else:
        # It keeps itself quiet otherwise: every statement with its values.
        logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
        sys.exit(run_worker(load_settings(), KINDS))
