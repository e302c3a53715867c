"""What a customer finds again is what the customer saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.people import Role
from tests.web.console_office import Customer, Desk, employ, sign_in


@pytest.fixture
def customer(people: Callable[[], TestClient]) -> Customer:
    return Customer.arrives(people())


@pytest.fixture
def anna(company: Kefu, people: Callable[[], TestClient]) -> Desk:
    browser = people()
    sign_in(browser, employ(company, Role.AGENT, "Anna"))
    return Desk(browser)


def _items(customer: Customer) -> list[Any]:
    response = customer.client.get(f"{customer.path}/messages", headers=customer.headers)
    assert response.status_code == 200, response.text
    items: list[Any] = response.json()["items"]
    return items


def _in_short(items: list[Any]) -> list[tuple[str, str]]:
    return [
        (item["author"], item["text"]) if item["kind"] == "message" else ("", item["state"])
        for item in items
    ]


def test_everything_stands_in_the_order_in_which_it_happened(
    customer: Customer, anna: Desk
) -> None:
    customer.says("how long for a return", "m1")
    customer.asks_for_a_person()
    anna.do(customer.id, "take")
    customer.says("are you there?", "m2")
    anna.says(customer.id, "Yes, I am.")
    anna.do(customer.id, "return")
    customer.says("return", "m3")
    anna.do(customer.id, "take")
    anna.do(customer.id, "close")
    items = _items(customer)
    assert _in_short(items) == [
        ("customer", "how long for a return"),
        ("bot", "15 days."),
        ("", "waiting"),
        ("", "held"),
        ("customer", "are you there?"),
        ("agent", "Yes, I am."),
        ("", "bot"),
        ("customer", "return"),
        ("bot", "15 days."),
        ("", "held"),
        ("", "closed"),
    ]
    own = [item["client_message_id"] for item in items if item.get("author") == "customer"]
    assert own == ["m1", "m2", "m3"]
    (answer, agent) = items[1], items[5]
    assert (answer["action"], agent["agent_name"], agent["client_message_id"]) == (
        "answer",
        "Anna",
        None,
    )
    assert [item["agent_name"] for item in items if item.get("state") == "held"] == ["Anna"] * 2


def test_personal_data_stays_masked_whoever_wrote_it(customer: Customer, anna: Desk) -> None:
    customer.says("return to 13800138000")
    anna.do(customer.id, "take")
    anna.says(customer.id, "Write to li@example.com")
    whole = str(_items(customer))
    assert "13800138000" not in whole
    assert "li@example.com" not in whole
    assert whole.count("<PHONE_NUMBER_1>") == 1


def test_what_an_older_release_kept_without_events_comes_first(
    customer: Customer, company: Kefu
) -> None:
    from sqlalchemy import create_engine, text

    customer.says("how long for a return", "m1")
    engine = create_engine(company.settings.sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM events"))
    engine.dispose()
    customer.asks_for_a_person()
    assert [kind for kind, _ in _in_short(_items(customer))] == ["customer", "bot", ""]


def test_a_store_without_an_office_still_tells_what_was_said(client: TestClient) -> None:
    alone = Customer.arrives(client)
    alone.says("how long for a return")
    assert [author for author, _ in _in_short(_items(alone))] == ["customer", "bot"]
