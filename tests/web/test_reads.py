"""Who read a customer's words stands in the ledger, once an hour, and names nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from chatbot.bootstrap import Kefu
from chatbot.customer_export import export_customer
from chatbot.fakes import FixedClock
from chatbot.people import Role
from chatbot.privacy_desk import Actor, PrivacyDesk
from chatbot.subjects import subject_of
from privacy.ledger import Entry
from tests.web.console_office import Customer, employ, sign_in

Browsers = Callable[[], TestClient]
REFERENCE = "customer-4711"


@pytest.fixture
def customer(people: Browsers) -> Customer:
    customer = Customer.arrives(people(), customer=REFERENCE)
    customer.says("几天内可以退货？")
    return customer


def _staff(people: Browsers, company: Kefu, role: Role, name: str) -> TestClient:
    browser = people()
    sign_in(browser, employ(company, role, name))
    return browser


def _desk(company: Kefu) -> PrivacyDesk:
    assert company.privacy is not None
    return company.privacy


def _reads(company: Kefu) -> list[Entry]:
    return [entry for entry in _desk(company).ledger.entries() if entry.action == "read"]


def _look(browser: TestClient, customer: Customer) -> None:
    assert browser.get(f"/v1/console/conversations/{customer.id}").status_code == 200


def test_reading_again_and_again_is_one_entry_an_hour(
    people: Browsers, company: Kefu, customer: Customer
) -> None:
    anna = _staff(people, company, Role.AGENT, "Anna")
    for _ in range(5):
        _look(anna, customer)
    [entry] = _reads(company)
    assert (entry.role, entry.purpose) == ("agent", "service")
    assert entry.subject.startswith(subject_of(_desk(company).keys, REFERENCE) + " conversation:")
    assert isinstance(company.clock, FixedClock)
    company.clock.advance(3600)
    _look(anna, customer)
    assert len(_reads(company)) == 2


def test_every_reader_and_every_conversation_has_an_entry_of_its_own(
    people: Browsers, company: Kefu, customer: Customer
) -> None:
    other = Customer.arrives(people())
    for role, name in ((Role.AGENT, "Anna"), (Role.AUDITOR, "Otto"), (Role.ADMIN, "Ada")):
        browser = _staff(people, company, role, name)
        _look(browser, customer)
        _look(browser, other)
    entries = _reads(company)
    assert len({(entry.actor, entry.subject) for entry in entries}) == 6
    assert {(entry.role, entry.purpose) for entry in entries} == {
        ("agent", "service"),
        ("auditor", "audit"),
        ("admin", "supervision"),
    }


def test_neither_reference_nor_conversation_stands_in_the_ledger(
    people: Browsers, company: Kefu, customer: Customer
) -> None:
    _look(_staff(people, company, Role.AGENT, "Anna"), customer)
    written = repr(_desk(company).ledger.entries())
    assert REFERENCE not in written
    assert customer.id not in written


def test_the_queue_and_the_review_list_are_noted_as_places(
    people: Browsers, company: Kefu, customer: Customer
) -> None:
    ada = _staff(people, company, Role.ADMIN, "Ada")
    for _ in range(2):
        assert ada.get("/v1/console/queue").status_code == 200
        assert ada.get("/v1/admin/review").status_code == 200
    assert [(entry.subject, entry.purpose) for entry in _reads(company)] == [
        ("queue", "supervision"),
        ("review:demo", "improve"),
    ]


def test_nothing_is_shown_where_the_ledger_cannot_be_written(
    people: Browsers, company: Kefu, customer: Customer
) -> None:
    anna = _staff(people, company, Role.AGENT, "Anna")
    engine = create_engine(company.settings.sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger RENAME TO hidden"))
    engine.dispose()
    answer = anna.get(f"/v1/console/conversations/{customer.id}")
    assert answer.status_code == 503
    assert "退货" not in answer.text


def test_customers_learn_from_their_export_who_read(
    people: Browsers, company: Kefu, customer: Customer
) -> None:
    _look(_staff(people, company, Role.AGENT, "Anna"), customer)
    actor = Actor("u-admin", "admin")
    export = export_customer(_desk(company), actor, customer=REFERENCE, purpose="asked for a copy")
    looks = [(look["action"], look["role"], look["purpose"]) for look in export["looked_at_by"]]
    assert looks == [("read", "agent", "service"), ("export", "admin", "asked for a copy")]
