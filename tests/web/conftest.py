"""The real application on shipped fakes: quick, and every rule of the edge is the real one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest
import uvicorn
from fastapi.testclient import TestClient

from chatbot.adapters.store_sql import SqlStore
from chatbot.adapters.store_unanswered import SqlUnanswered
from chatbot.bootstrap import Kefu, build, open_office
from chatbot.fakes import FixedClock, KeywordIntents, MemoryStore, OverlapRetriever
from chatbot.privacy_home import make_privacy_desk
from chatbot.settings import Settings
from knowledge_base.errors import CollectionUnknown
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from privacy.keyring_memory import MemoryKeyRing
from tests.databases import sqlite_database
from tests.web.quick_app import quick_app
from web.server import Server

DOCUMENTS = (
    Document("window-en", "How long for a return?", "15 days.", "Returns", language="en"),
    Document("window-zh", "几天内可以退货？", "15天。", "退货", language="zh"),
)


@pytest.fixture
def kefu(tmp_path: Path) -> Kefu:
    retriever = OverlapRetriever(DOCUMENTS)

    def find(collection: str) -> OverlapRetriever:
        if collection != "demo":
            raise CollectionUnknown(collection)
        return retriever

    return build(
        Settings(home=tmp_path, _env_file=None),
        store=MemoryStore(),
        clock=FixedClock(),
        intents=lambda _name: KeywordIntents(
            {"return": ["return", "退"], "request_human": ["human"]}
        ),
        retriever=find,
    )


@pytest.fixture
def client(kefu: Kefu) -> Iterator[TestClient]:
    with TestClient(quick_app(kefu), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Kefu]:
    """As `kefu`, over a real database with keys, so that people can work there."""
    settings = Settings(home=tmp_path, _env_file=None)
    engine, keys, clock = sqlite_database(tmp_path / "kefu.db"), MemoryKeyRing(), FixedClock()
    privacy = make_privacy_desk(engine, keys, clock=clock)
    retriever = OverlapRetriever(DOCUMENTS)
    intents = KeywordIntents({"return": ["return", "退"], "request_human": ["human"]})
    kefu = build(
        settings,
        store=SqlStore(engine, keys),
        clock=clock,
        intents=lambda _name: intents,
        retriever=lambda _name: retriever,
        office=open_office(settings, engine, keys=keys, clock=clock),
    )
    yield replace(
        kefu,
        privacy=privacy,
        consents=privacy.consents,
        attributes=privacy.attributes,
        unanswered=SqlUnanswered(engine),
        encoder=HashingEmbedder,
    )
    engine.dispose()


@pytest.fixture
def people(company: Kefu) -> Iterator[Callable[[], TestClient]]:
    """Browsers of one server: each call gives another one."""
    app = quick_app(company)
    with ExitStack() as stack:
        # The first one starts the server's life; the others share it.
        stack.enter_context(TestClient(app))
        yield lambda: TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def served(company: Kefu) -> Iterator[str]:
    """The address of a real server, for what only a socket shows."""
    app = quick_app(company)
    server = Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    (socket,) = server.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    # Streams that are still open must not hold it up.
    server.handle_exit(signal.SIGTERM, None)
    thread.join(5)
    assert not thread.is_alive()
