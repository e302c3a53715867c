"""An agent takes over while the bot still looks for its answer: the bot stays silent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chatbot.bootstrap import Kefu
from chatbot.fakes import OverlapRetriever
from chatbot.people import Role
from tests.web.console_office import Customer, Desk, employ, sign_in

PATIENCE_SECONDS = 20
QUESTION = "how long for a return"


class SlowSearch:
    """Stops the first turn at its search until it is told to go on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def wait(self) -> None:
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(PATIENCE_SECONDS)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowSearch]:
    slow, search = SlowSearch(), OverlapRetriever.search

    def searching(self: OverlapRetriever, query: str, **named: Any) -> Any:
        slow.wait()
        return search(self, query, **named)

    monkeypatch.setattr(OverlapRetriever, "search", searching)
    yield slow
    slow.go_on.set()


@pytest.fixture
def customer(served: str) -> Iterator[Customer]:
    with httpx.Client(base_url=served, timeout=PATIENCE_SECONDS) as client:
        yield Customer.arrives(client)


@pytest.fixture
def anna(served: str, company: Kefu) -> Iterator[Desk]:
    with httpx.Client(base_url=served) as client:
        sign_in(client, employ(company, Role.AGENT, "Anna"))
        yield Desk(client)


def _asks(customer: Customer, accept: str) -> httpx.Response:
    return customer.client.post(
        f"{customer.path}/messages",
        json={"text": QUESTION, "client_message_id": "m1"},
        headers={**customer.headers, "Accept": accept},
    )


def _while_the_bot_searches(
    slow: SlowSearch, customer: Customer, act: Callable[[], object], accept: str
) -> httpx.Response:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_asks, customer, accept)
        assert slow.reached.wait(PATIENCE_SECONDS)
        act()
        slow.go_on.set()
        return asked.result()


def _whole(response: httpx.Response) -> Any:
    """The reply, whether it came as JSON or as the last event of a stream."""
    assert response.status_code == 200, response.text
    if not response.headers["content-type"].startswith("text/event-stream"):
        return response.json()
    *before, last = response.text.strip().split("\n\n")
    assert not any(block.startswith("event: token") for block in before)
    return json.loads(last.removeprefix("event: done\ndata: "))


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_the_question_is_kept_once_and_the_agent_has_it(
    slow: SlowSearch, customer: Customer, anna: Desk, accept: str
) -> None:
    response = _while_the_bot_searches(slow, customer, lambda: anna.do(customer.id, "take"), accept)
    reply = _whole(response)
    assert (reply["author"], reply["action"], reply["text"]) == ("agent", "handoff", "")
    assert _whole(_asks(customer, accept))["message_id"] == reply["message_id"]
    (message,) = anna.sees(customer.id)["messages"]
    assert (message["author"], message["text"]) == ("customer", QUESTION)


def test_given_back_the_bot_goes_on_with_the_next_question(
    slow: SlowSearch, customer: Customer, anna: Desk
) -> None:
    _while_the_bot_searches(
        slow, customer, lambda: anna.do(customer.id, "take"), "application/json"
    )
    anna.do(customer.id, "return")
    assert customer.says(QUESTION, "m1")["text"] == ""
    assert customer.says(QUESTION, "m2")["text"] == "15 days."
    authors = [message["author"] for message in anna.sees(customer.id)["messages"]]
    assert authors == ["customer", "customer", "bot"]


def test_a_conversation_that_was_closed_meanwhile_is_not_answered_any_more(
    slow: SlowSearch, customer: Customer, anna: Desk
) -> None:
    def take_and_close() -> None:
        anna.do(customer.id, "take")
        anna.do(customer.id, "close")

    response = _while_the_bot_searches(slow, customer, take_and_close, "application/json")
    assert response.status_code == 409
    assert anna.sees(customer.id)["messages"] == []
