"""Broker, worker and database go away under a real server: customers are answered or told, and
everything is as before once they are back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from tests.conftest import Server, start_server
from tests.postgres_cluster import Cluster
from tests.web.console_office import Customer

pytestmark = pytest.mark.models

PATIENCE_SECONDS = 120
ASKED = {
    "en": ("How long does delivery take?", "How can I pay?"),
    "zh": ("多久能送到？", "可以用什么方式付款？"),
}
MESSAGES = 12


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's models and knowledge, in a home whose broker nobody else runs."""
    home = tmp_path_factory.mktemp("home")
    for name in ("models", "collections", "intents", "demo"):
        (home / name).symlink_to(demo_home / name)
    return home


class Database(Protocol):
    @property
    def url(self) -> str: ...

    def leave(self) -> None: ...

    def come_back(self) -> None: ...


@dataclass
class SqliteFile:
    """Its folder is away, as a disk that comes off."""

    folder: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'kefu.db'}"

    def leave(self) -> None:
        self.folder.rename(self.folder.with_name("away"))

    def come_back(self) -> None:
        self.folder.with_name("away").rename(self.folder)


@dataclass
class PostgresServer:
    cluster: Cluster

    @property
    def url(self) -> str:
        return self.cluster.url

    def leave(self) -> None:
        self.cluster.stop()

    def come_back(self) -> None:
        self.cluster.start()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Each test gives it back as it was, and the server over it has seen more than one fall."""
    if request.param == "sqlite":
        yield SqliteFile(tmp_path_factory.mktemp("disk") / "database")
        return
    # The path of a socket may not be long.
    cluster = Cluster.create(tmp_path_factory.mktemp("pg"))
    yield PostgresServer(cluster)
    cluster.stop()


@pytest.fixture(scope="module")
def server(home: Path, database: Database) -> Iterator[Server]:
    server = start_server(home, KEFU_DATABASE_URL=database.url)
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.log)


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def _post(customer: Customer, text: str, client_message_id: str) -> httpx.Response:
    return customer.client.post(
        f"{customer.path}/messages",
        json={"text": text, "client_message_id": client_message_id},
        headers=customer.headers,
    )


def _turns(customer: Customer) -> list[Any]:
    response = customer.client.get(f"{customer.path}/messages", headers=customer.headers)
    assert response.status_code == 200, response.text
    turns: list[Any] = response.json()["turns"]
    return turns


def _assert_apology(response: httpx.Response) -> None:
    assert response.status_code == 503, response.text
    assert response.headers["content-type"] == "application/problem+json"
    detail = response.json()["detail"]
    assert "We are sorry" in detail
    assert "非常抱歉" in detail


def test_while_the_database_is_away_customers_are_told_and_nothing_is_lost_or_doubled(
    browser: httpx.Client, database: Database
) -> None:
    customer = Customer.arrives(browser, language="en")
    (first, second), (third, _) = ASKED["en"], ASKED["zh"]
    assert customer.says(first, "m1")["action"] == "answer"
    database.leave()
    for _ in range(2):
        _assert_apology(_post(customer, second, "m2"))
        _assert_apology(browser.post("/v1/conversations", json={}))
        _assert_apology(browser.get(f"{customer.path}/messages", headers=customer.headers))
    ready = browser.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "unavailable")
    assert browser.get("/healthz").status_code == 200

    database.come_back()
    assert browser.get("/readyz").status_code == 200
    answer = customer.says(second, "m2")
    assert answer["action"] == "answer"
    assert customer.says(second, "m2") == answer
    assert customer.says(third, "m3")["language"] == "zh-Hans"
    assert [turn["client_message_id"] for turn in _turns(customer)] == ["m1", "m2", "m3"]


@dataclass
class Persistent:
    """A customer whose page sends every message again until it is answered."""

    customer: Customer
    number: int
    refused: int = 0
    foreign: list[str] = field(default_factory=list)
    """What came that is neither an answer nor an apology."""

    def talk(self, away: threading.Event) -> None:
        texts = [text for pair in ASKED.values() for text in pair]
        for count in range(MESSAGES):
            if count == MESSAGES // 2:
                away.wait(PATIENCE_SECONDS)
            text = texts[(self.number + count) % len(texts)]
            until(partial(self._sent, text, f"m{count}"), "an answer")

    def _sent(self, text: str, client_message_id: str) -> bool:
        response = _post(self.customer, text, client_message_id)
        if response.status_code == 503:
            self.refused += 1
        elif response.status_code != 200 or response.json()["action"] != "answer":
            self.foreign.append(response.text)
        return response.status_code != 503


def test_conversations_that_go_on_through_an_outage_come_out_whole(
    browser: httpx.Client, database: Database
) -> None:
    customers = [Persistent(Customer.arrives(browser), number) for number in range(4)]
    away = threading.Event()
    with ThreadPoolExecutor(len(customers)) as pool:
        talks = [pool.submit(customer.talk, away) for customer in customers]
        time.sleep(0.3)
        database.leave()
        away.set()
        until(lambda: all(customer.refused for customer in customers), "everybody notices")
        database.come_back()
        for talk in talks:
            talk.result()
    for customer in customers:
        assert customer.foreign == []
        ids = [turn["client_message_id"] for turn in _turns(customer.customer)]
        assert ids == [f"m{count}" for count in range(MESSAGES)]


WORK = ("valkey-server", "worker worker", "worker beat")


def _children(process: int) -> dict[str, int]:
    """Process ids of a server's parts by what runs there."""
    found: dict[str, int] = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            line = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
            found |= {name: int(child) for name in WORK if name in line}
    return found


def test_without_broker_and_worker_both_languages_are_answered_and_they_come_back(
    home: Path,
) -> None:
    server = start_server(home, workers=True)
    try:
        with httpx.Client(base_url=server.url, timeout=60) as browser:
            until(lambda: _parts(browser) == {"broker": "ok", "worker": "ok"}, "a worker")
            before = _children(server.process.pid)
            for name in WORK:
                os.kill(before[name], signal.SIGKILL)
            for language, texts in ASKED.items():
                customer = Customer.arrives(browser, language=language)
                for text in texts:
                    reply = customer.says(text)
                    assert (reply["action"], reply["language"][:2]) == ("answer", language)
                    assert reply["citations"]
                customer.asks_for_a_person()
            until(lambda: _children(server.process.pid).keys() == set(WORK), "all its parts")
            until(lambda: _parts(browser) == {"broker": "ok", "worker": "ok"}, "a worker again")
            after = _children(server.process.pid)
            assert not set(before.values()) & set(after.values())
    finally:
        server.stop()
    assert "Traceback" not in "".join(server.log)


def _parts(browser: httpx.Client) -> dict[str, str]:
    response = browser.get("/readyz")
    assert response.status_code == 200, response.text
    return {name: response.json()["parts"][name] for name in ("broker", "worker")}
