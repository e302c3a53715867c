"""Server-sent events over a real socket: nothing lost, nothing doubled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from chatbot.bootstrap import Kefu
from chatbot.people import Role
from tests.web.console_office import MARK, Customer, Desk, employ, office_of, sign_in

Told = tuple[int, str, Any]


class Listener:
    """Reads one stream event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()
        self.last = 0

    def next(self) -> Told:
        name, data = "", ""
        for line in self._lines:
            if line.startswith("id: "):
                self.last = int(line[4:])
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and data:
                return self.last, name, json.loads(data)
        raise AssertionError("the stream ended")

    def until(self, name: str) -> Any:
        while True:
            _, told, data = self.next()
            if told == name:
                return data


@contextmanager
def listening(
    client: httpx.Client, path: str, last: int | None = None, **headers: str
) -> Iterator[Listener]:
    sent = {**headers, **({"Last-Event-ID": str(last)} if last is not None else {})}
    with client.stream("GET", path, headers=sent, timeout=10) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Listener(response)


@pytest.fixture
def customer(served: str) -> Iterator[Customer]:
    with httpx.Client(base_url=served) as client:
        yield Customer.arrives(client)


@pytest.fixture
def desk(served: str, company: Kefu) -> Iterator[Desk]:
    with httpx.Client(base_url=served) as client:
        sign_in(client, employ(company, Role.AGENT, "Anna"))
        yield Desk(client)


def test_a_customer_hears_who_takes_over_and_what_they_say_as_they_wrote_it(
    customer: Customer, desk: Desk
) -> None:
    with listening(customer.client, f"{customer.path}/events", **customer.headers) as stream:
        desk.do(customer.id, "take")
        assert stream.until("state") == {"state": "held", "agent_name": "Anna"}
        desk.do(customer.id, "typing")
        assert stream.until("typing")["agent_name"] == "Anna"
        desk.says(customer.id, "Call us: 13800138000")
        said = stream.until("message")
        assert (said["text"], said["author"]) == ("Call us: 13800138000", "agent")
        desk.do(customer.id, "close")
        assert stream.until("state")["state"] == "closed"


def test_a_customer_who_comes_back_hears_what_was_missed_and_only_that(
    customer: Customer, desk: Desk, company: Kefu
) -> None:
    path = f"{customer.path}/events"
    desk.do(customer.id, "take")
    desk.says(customer.id, "one")
    with listening(customer.client, path, **customer.headers) as stream:
        assert stream.until("message")["text"] == "one"
        last = stream.last
    company.clock.advance(60)  # type: ignore[attr-defined]
    for text in ("two", "three"):
        desk.says(customer.id, text)
    with listening(customer.client, path, last, **customer.headers) as stream:
        assert [stream.until("message")["text"] for _ in range(2)] == ["two", "three"]
        desk.says(customer.id, "four")
        assert stream.until("message")["text"] == "four"


def test_an_agent_hears_of_the_queue_and_of_the_open_conversation_only(
    customer: Customer, desk: Desk, served: str
) -> None:
    path = f"/v1/console/events?conversation={customer.id}"
    with httpx.Client(base_url=served) as browser, listening(desk.client, path) as stream:
        assert stream.next()[1] == "hello"
        other = Customer.arrives(browser)
        other.says("how long for a return")
        customer.says("human please")
        heard = [stream.next() for _ in range(4)]
        assert all(data["conversation_id"] == customer.id for _, _, data in heard)
        kinds = {name for _, name, _ in heard}
        assert kinds == {"message", "queue", "state"}
        texts = [data["message"]["text"] for _, name, data in heard if name == "message"]
        assert texts[0] == "human please"


@pytest.fixture
def lingering() -> Iterator[httpx.Client]:
    """Asked for before the server, so it outlives it."""
    with httpx.Client() as client:
        yield client


def test_a_stream_that_is_open_does_not_hold_up_the_end_of_the_server(
    lingering: httpx.Client, served: str
) -> None:
    lingering.base_url = httpx.URL(served)
    customer = Customer.arrives(lingering)
    path, headers = f"{customer.path}/events", customer.headers
    response = lingering.send(lingering.build_request("GET", path, headers=headers), stream=True)
    # `served` fails where the server has not ended within five seconds.
    assert next(response.iter_lines()).startswith(":")


def test_a_stranger_hears_nothing(customer: Customer, served: str) -> None:
    wrong = {"Authorization": "Bearer wrong"}
    with httpx.Client(base_url=served) as stranger:
        assert stranger.get(f"{customer.path}/events", headers=wrong).status_code == 404
        assert stranger.get(f"{customer.path}/events").status_code == 401
        assert stranger.get("/v1/console/events").status_code == 401


def test_a_stream_ends_with_the_session(
    desk: Desk, company: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.live.HEARTBEAT_SECONDS", 0.05)
    with listening(desk.client, "/v1/console/events") as stream:
        stream.next()
        with httpx.Client(base_url=desk.client.base_url, cookies=desk.client.cookies) as other:
            other.post("/v1/console/sign-out", headers=MARK)
        with pytest.raises(AssertionError, match="ended"):
            stream.next()


def test_a_database_that_is_away_for_a_moment_costs_no_event(
    customer: Customer, desk: Desk, company: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot.errors import StoreUnavailable

    events = office_of(company).events
    real, failures = type(events).since, iter(range(3))

    def sometimes(self: Any, *arguments: Any, **named: Any) -> Any:
        if next(failures, None) is not None:
            raise StoreUnavailable("OperationalError")
        return real(self, *arguments, **named)

    with listening(customer.client, f"{customer.path}/events", **customer.headers) as stream:
        monkeypatch.setattr(type(events), "since", sometimes)
        desk.do(customer.id, "take")
        assert stream.until("state")["state"] == "held"
