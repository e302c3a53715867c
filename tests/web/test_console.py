"""An agent's day at the console, over HTTP on a real database."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from chatbot.bootstrap import Kefu
from chatbot.fakes import FixedClock
from chatbot.people import Role
from tests.web.console_office import MARK, PASSWORD, Customer, Desk, employ, office_of, sign_in

Browsers = Callable[[], TestClient]


@pytest.fixture
def customer(people: Browsers) -> Customer:
    return Customer.arrives(people())


def agent_at(company: Kefu, browser: TestClient, name: str = "Anna") -> Desk:
    sign_in(browser, employ(company, Role.AGENT, name))
    return Desk(browser)


@pytest.fixture
def anna(company: Kefu, people: Browsers) -> Desk:
    return agent_at(company, people())


def queue(desk: Desk, **query: str) -> list[str]:
    response = desk.client.get("/v1/console/queue", params=query)
    assert response.status_code == 200, response.text
    return [item["conversation_id"] for item in response.json()["items"]]


def test_who_asked_for_a_person_waits_in_the_queue_with_reason_and_last_words(
    anna: Desk, customer: Customer, company: Kefu
) -> None:
    customer.says("how long for a return")
    customer.says("give me a human")
    assert isinstance(company.clock, FixedClock)
    company.clock.advance(90)
    body = anna.client.get("/v1/console/queue").json()
    (item,) = body["items"]
    assert item["conversation_id"] == customer.id
    assert item["state"] == "waiting"
    assert item["waiting_seconds"] == 90
    assert item["reason"]
    assert item["language"] == "en"
    assert item["last"]["author"] == "bot"
    assert body["counts"] == {"waiting": 1, "held": 0, "mine": 0}


def test_the_longest_wait_stands_first(
    anna: Desk, people: Browsers, company: Kefu, customer: Customer
) -> None:
    assert isinstance(company.clock, FixedClock)
    customer.says("human please")
    company.clock.advance(10)
    second = Customer.arrives(people())
    second.says("human please")
    held = Customer.arrives(people())
    held.says("hello return")
    anna.do(held.id, "take")
    assert queue(anna) == [customer.id, second.id, held.id]
    assert queue(anna, state="held") == [held.id]


def test_while_an_agent_holds_it_the_bot_is_silent_and_every_word_is_kept(
    anna: Desk, customer: Customer
) -> None:
    customer.says("human please")
    assert anna.do(customer.id, "take").json()["mine"]
    reply = customer.says("how long for a return", "m2")
    assert (reply["text"], reply["author"], reply["action"]) == ("", "agent", "handoff")
    assert customer.says("how long for a return", "m2") == reply
    assert anna.says(customer.id, "Two weeks, Anna here.").status_code == 201
    messages = anna.sees(customer.id)["messages"]
    assert [(m["author"], m["text"]) for m in messages][-2:] == [
        ("customer", "how long for a return"),
        ("agent", "Two weeks, Anna here."),
    ]
    assert messages[-1]["agent_name"] == "Anna"


def test_after_it_is_given_back_the_bot_answers_again(anna: Desk, customer: Customer) -> None:
    customer.says("human please")
    anna.do(customer.id, "take")
    silent = customer.says("how long for a return", "m2")
    assert anna.do(customer.id, "return").json()["state"] == "bot"
    assert customer.says("how long for a return")["text"] == "15 days."
    assert customer.says("how long for a return", "m2") == silent
    assert anna.says(customer.id, "still there?").status_code == 409


def test_of_two_agents_one_gets_the_conversation(
    company: Kefu, people: Browsers, anna: Desk, customer: Customer
) -> None:
    bob = agent_at(company, people(), "Bob")
    customer.says("human please")
    assert anna.do(customer.id, "take").status_code == 200
    assert bob.do(customer.id, "take").status_code == 409
    assert bob.says(customer.id, "me!").status_code == 409
    assert bob.do(customer.id, "return").status_code == 409
    assert bob.do(customer.id, "close").status_code == 409
    assert anna.do(customer.id, "take").status_code == 200


def test_what_an_agent_closed_takes_no_more_words(anna: Desk, customer: Customer) -> None:
    anna.do(customer.id, "take")
    assert anna.do(customer.id, "close").json()["state"] == "closed"
    body = {"text": "hello", "client_message_id": "1"}
    response = customer.client.post(
        f"{customer.path}/messages", json=body, headers=customer.headers
    )
    assert response.status_code == 409
    assert anna.says(customer.id, "bye").status_code == 409
    assert queue(anna, state="closed") == [customer.id]


def test_a_reply_sent_twice_is_one_message(anna: Desk, customer: Customer) -> None:
    anna.do(customer.id, "take")
    first = anna.says(customer.id, "Hello", client_message_id="1").json()
    assert anna.says(customer.id, "Hello", client_message_id="1").json() == first
    assert len(anna.sees(customer.id)["messages"]) == 1


def test_ids_of_customer_and_agent_do_not_meet(anna: Desk, customer: Customer) -> None:
    anna.do(customer.id, "take")
    customer.says("hello there", "1")
    assert anna.says(customer.id, "Hello", client_message_id="1").status_code == 201
    assert len(anna.sees(customer.id)["messages"]) == 2


def test_what_both_say_is_masked_in_the_database_and_opened_only_for_a_purpose(
    anna: Desk, customer: Customer, company: Kefu
) -> None:
    anna.do(customer.id, "take")
    customer.says("call 13800138000")
    anna.says(customer.id, "is it 13900139000?")
    messages = anna.sees(customer.id)["messages"]
    assert all("138" not in m["text"] and "139" not in m["text"] for m in messages)
    assert all(m["sealed"] for m in messages)
    url = f"/v1/console/messages/{messages[0]['message_id']}/unseal"
    assert anna.client.post(url, json={"purpose": " "}, headers=MARK).status_code == 422
    opened = anna.client.post(url, json={"purpose": "call the customer back"}, headers=MARK)
    assert opened.json()["text"] == "call 13800138000"
    anna.do(customer.id, "return")
    refused = anna.client.post(url, json={"purpose": "call the customer back"}, headers=MARK)
    assert refused.status_code == 403
    assert company.privacy is not None
    actions = [entry.action for entry in company.privacy.ledger.entries()]
    assert actions == ["read", "unseal", "unseal_refused"]
    engine = create_engine(company.settings.sqlalchemy_url)
    with engine.connect() as connection:
        dump = str(connection.execute(text("SELECT text FROM messages")).all())
        dump += str(connection.execute(text("SELECT data FROM events")).all())
    engine.dispose()
    assert "13800138000" not in dump
    assert "13900139000" not in dump


def test_suggestions_answer_the_last_message_and_remember_what_became_of_them(
    anna: Desk, customer: Customer, company: Kefu
) -> None:
    anna.do(customer.id, "take")
    customer.says("how long for a return")
    url = f"/v1/console/conversations/{customer.id}/suggestions"
    first, again = (anna.client.get(url).json()["suggestions"] for _ in range(2))
    assert first == again
    (suggestion,) = first
    assert suggestion["text"] == "15 days."
    assert suggestion["document_id"] == "window-en"
    assert 0 < suggestion["score"] <= 1
    known = suggestion["suggestion_id"]
    outcome = f"/v1/console/suggestions/{known}"
    assert anna.client.post(outcome, json={"outcome": "insert"}, headers=MARK).status_code == 204
    anna.says(customer.id, "16 days!", suggestion_id=known)
    kept = office_of(company).assists.find(known)
    assert kept is not None
    assert (kept.outcome, kept.edit_distance) == ("edit", 2)
    unknown = f"/v1/console/suggestions/{uuid4()}"
    assert anna.client.post(unknown, json={"outcome": "reject"}, headers=MARK).status_code == 404


def test_the_summary_tells_in_both_languages_what_was_asked_and_tried(
    anna: Desk, customer: Customer
) -> None:
    customer.says("how long for a return, I am on 13800138000")
    customer.says("human please")
    summary = anna.sees(customer.id)["summary"]
    assert len(summary["asked"]) == 2
    assert "13800138000" not in str(summary)
    assert summary["text"]["en"].startswith("The customer asked")
    assert summary["text"]["zh"].startswith("客户问过")


def test_a_correction_waits_for_review_only_where_the_customer_agreed(
    anna: Desk, people: Browsers, company: Kefu
) -> None:
    for agrees in (False, True):
        customer = Customer.arrives(people(), consents={"improve": agrees})
        customer.says("how long for a return")
        bot = anna.sees(customer.id)["messages"][-1]["message_id"]
        url = f"/v1/console/messages/{bot}/intent"
        taken = anna.client.post(url, json={"intent": "exchange"}, headers=MARK)
        assert taken.status_code == 200, taken.text
        assert taken.json()["queued"] is agrees
    (task,) = office_of(company).labels.list("demo")
    assert (task.text, task.suggested) == ("how long for a return", "exchange")


def test_knowledge_is_searched_beside_the_conversation(anna: Desk) -> None:
    body = {"query": "return"}
    hits = anna.client.post("/v1/console/knowledge/search", json=body, headers=MARK).json()["hits"]
    assert hits[0]["document_id"] == "window-en"


def test_a_state_changing_call_needs_the_header_and_the_same_origin(
    anna: Desk, customer: Customer
) -> None:
    url = f"/v1/console/conversations/{customer.id}/take"
    assert anna.client.post(url).status_code == 403
    foreign = ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"})
    for headers in foreign:
        assert anna.client.post(url, headers={**MARK, **headers}).status_code == 403
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert anna.client.post(url, headers={**MARK, **own}).status_code == 200


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(
    company: Kefu, people: Browsers
) -> None:
    email = employ(company, Role.AGENT, "Anna")
    body = {"email": email, "password": PASSWORD}
    response = people().post("/v1/console/sign-in", json=body, headers=MARK)
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert PASSWORD not in response.text


def test_too_many_wrong_passwords_are_told_when_to_come_back(
    company: Kefu, people: Browsers
) -> None:
    browser, email = people(), employ(company, Role.AGENT, "Anna")
    wrong = {"email": email, "password": "wrong"}
    for _ in range(5):
        assert browser.post("/v1/console/sign-in", json=wrong, headers=MARK).status_code == 401
    refused = browser.post("/v1/console/sign-in", json=wrong, headers=MARK)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_signing_out_ends_it(anna: Desk) -> None:
    assert anna.client.get("/v1/console/me").json()["name"] == "Anna"
    assert anna.client.post("/v1/console/sign-out", headers=MARK).status_code == 204
    assert anna.client.get("/v1/console/me").status_code == 401


def test_an_agent_chooses_the_language_of_the_console(anna: Desk) -> None:
    chosen = anna.client.post("/v1/console/me", json={"language": "zh"}, headers=MARK)
    assert chosen.json()["language"] == "zh"
    assert anna.client.get("/v1/console/me").json()["language"] == "zh"


def test_what_is_no_better_than_noise_is_not_suggested(
    anna: Desk, customer: Customer, company: Kefu
) -> None:
    customer.says("how to feed one hungry whale at home in winter")
    url = f"/v1/console/conversations/{customer.id}/suggestions"
    assert anna.client.get(url).json()["suggestions"] == []
    found = anna.client.post(
        "/v1/console/knowledge/search",
        json={"query": "how to feed one hungry whale at home"},
        headers=MARK,
    )
    assert 0 < found.json()["hits"][0]["score"] < company.thresholds.clarify
