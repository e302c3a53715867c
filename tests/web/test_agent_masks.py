"""Masks in the console: for who holds the conversation, made of sealed originals, never those."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text, update

from chatbot.adapters.tables import messages
from chatbot.bootstrap import Kefu
from chatbot.fakes import FixedClock
from chatbot.people import Role
from chatbot.privacy_desk import Actor, PrivacyDesk, erase_customer, purge_expired
from tests.web.console_office import Customer, Desk, employ, sign_in
from tests.web.test_live_events import listening

Browsers = Callable[[], TestClient]
REFERENCE = "customer-4711"
PHONE = "13812341234"
MASKS = {"<PHONE_NUMBER_1>": "138****1234"}


@pytest.fixture
def customer(people: Browsers) -> Customer:
    customer = Customer.arrives(people(), customer=REFERENCE)
    customer.says(f"call me on {PHONE}")
    return customer


@pytest.fixture
def anna(company: Kefu, people: Browsers) -> Desk:
    return _staff(company, people, Role.AGENT, "Anna")


def _staff(company: Kefu, people: Browsers, role: Role, name: str) -> Desk:
    browser = people()
    sign_in(browser, employ(company, role, name))
    return Desk(browser)


def _privacy(company: Kefu) -> PrivacyDesk:
    assert company.privacy is not None
    return company.privacy


def _masks(desk: Desk, customer: Customer) -> list[Any]:
    return [message["masks"] for message in desk.sees(customer.id)["messages"]]


def test_who_holds_the_conversation_sees_masks_and_never_the_original(
    anna: Desk, customer: Customer
) -> None:
    assert _masks(anna, customer) == [{}, {}]
    anna.do(customer.id, "take")
    seen = anna.sees(customer.id)
    assert seen["messages"][0]["text"] == "call me on <PHONE_NUMBER_1>"
    assert [message["masks"] for message in seen["messages"]] == [MASKS, {}]
    assert PHONE not in json.dumps(seen)
    anna.do(customer.id, "return")
    assert _masks(anna, customer) == [{}, {}]


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR, Role.ADMIN])
def test_nobody_else_sees_masks(
    company: Kefu, people: Browsers, anna: Desk, customer: Customer, role: Role
) -> None:
    anna.do(customer.id, "take")
    other = _staff(company, people, role, "Otto")
    assert _masks(other, customer) == [{}, {}]


def test_a_closed_conversation_has_no_masks(anna: Desk, customer: Customer) -> None:
    anna.do(customer.id, "take")
    anna.do(customer.id, "close")
    assert _masks(anna, customer) == [{}, {}]


def test_what_the_agent_writes_is_masked_alike(anna: Desk, customer: Customer) -> None:
    anna.do(customer.id, "take")
    answer = anna.says(customer.id, "Is it 13900139000?").json()
    assert answer["masks"] == {"<PHONE_NUMBER_2>": "139****9000"}
    assert _masks(anna, customer)[-1] == answer["masks"]


def test_an_expired_original_leaves_the_placeholder(
    company: Kefu, anna: Desk, customer: Customer
) -> None:
    anna.do(customer.id, "take")
    assert isinstance(company.clock, FixedClock)
    rules = company.settings.retention
    company.clock.advance(rules.originals_days * 86_400)
    purge_expired(
        _privacy(company), rules, actor=Actor("worker", "system"), now=company.clock.now()
    )
    sign_in(anna.client, "anna@example.com")
    seen = anna.sees(customer.id)
    assert seen["mine"]
    assert seen["messages"][0]["text"] == "call me on <PHONE_NUMBER_1>"
    assert _masks(anna, customer) == [{}, {}]


def test_a_destroyed_key_leaves_the_placeholder(
    company: Kefu, anna: Desk, customer: Customer
) -> None:
    anna.do(customer.id, "take")
    _privacy(company).keys.destroy(REFERENCE)
    assert _masks(anna, customer) == [{}, {}]


def test_an_erased_customer_s_conversation_shows_nothing(
    company: Kefu, anna: Desk, customer: Customer
) -> None:
    anna.do(customer.id, "take")
    actor = Actor("u-admin", "admin")
    erase_customer(_privacy(company), actor, customer=REFERENCE, purpose="asked for it")
    assert _masks(anna, customer) == []


def test_an_original_moved_here_from_another_message_gives_no_mask(
    company: Kefu, anna: Desk, customer: Customer
) -> None:
    anna.do(customer.id, "take")
    customer.says("or on 13987654321")
    engine = create_engine(company.settings.sqlalchemy_url)
    first, *_, last = company.store.messages(customer.id)
    with engine.begin() as connection:
        moved = text("SELECT sealed FROM messages WHERE id = :id")
        sealed = connection.execute(moved, {"id": last.id}).scalar_one()
        connection.execute(update(messages).where(messages.c.id == first.id).values(sealed=sealed))
    engine.dispose()
    assert _masks(anna, customer)[0] == {}


def test_before_any_mask_the_reading_stands_in_the_ledger(
    company: Kefu, people: Browsers, customer: Customer
) -> None:
    bob = _staff(company, people, Role.AGENT, "Bob")
    bob.do(customer.id, "take")
    assert isinstance(company.clock, FixedClock)
    company.clock.advance(3600)
    before = len(_privacy(company).ledger.entries())
    assert _masks(bob, customer)[0] == MASKS
    entry = _privacy(company).ledger.entries()[-1]
    assert len(_privacy(company).ledger.entries()) == before + 1
    assert (entry.action, entry.role, entry.purpose) == ("read", "agent", "service")
    company.clock.advance(3600)
    engine = create_engine(company.settings.sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger RENAME TO hidden"))
    engine.dispose()
    answer = bob.client.get(f"/v1/console/conversations/{customer.id}")
    assert answer.status_code == 503
    assert "1234" not in answer.text


def test_a_message_that_arrives_live_has_masks_for_the_holder_only(
    served: str, company: Kefu
) -> None:
    with httpx.Client(base_url=served) as one, httpx.Client(base_url=served) as two:
        customer = Customer.arrives(one)
        sign_in(one, employ(company, Role.AGENT, "Anna"))
        sign_in(two, employ(company, Role.AGENT, "Bob"))
        Desk(one).do(customer.id, "take")
        path = f"/v1/console/events?conversation={customer.id}"
        told = []
        for client in (one, two):
            with listening(client, path) as stream:
                stream.until("hello")
                customer.says(f"call me on {PHONE}")
                told.append(stream.until("message")["message"])
    assert [message["masks"] for message in told] == [MASKS, {}]
    assert PHONE not in json.dumps(told)
