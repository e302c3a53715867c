"""Who a conversation belongs to and what the customer agrees to, over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.privacy_desk import Actor, unseal_message
from privacy.consent import Scope
from tests.web.quick_app import quick_app


@pytest.fixture
def browser(company: Kefu) -> TestClient:
    return TestClient(quick_app(company), raise_server_exceptions=False)


def _open(browser: TestClient, **body: object) -> tuple[str, dict[str, str]]:
    response = browser.post("/v1/conversations", json={"channel": "web", **body})
    assert response.status_code == 201, response.text
    opened = response.json()
    return opened["conversation_id"], {"Authorization": f"Bearer {opened['token']}"}


def test_the_named_customers_key_seals_what_is_said(browser: TestClient, company: Kefu) -> None:
    conversation, bearer = _open(browser, customer=" 顾客-7 ")
    said = {"text": "return to 13800138000 please", "client_message_id": "1"}
    url = f"/v1/conversations/{conversation}"
    assert browser.post(f"{url}/messages", json=said, headers=bearer).status_code == 200
    found = company.store.find(conversation)
    assert found is not None
    assert found.customer == "顾客-7"
    history = browser.get(f"{url}/messages", headers=bearer).json()
    assert history["turns"][0]["question"] == "return to <PHONE_NUMBER_1> please"
    assert company.privacy is not None
    question = company.store.messages(conversation)[0].id
    original = unseal_message(
        company.privacy, Actor("a", "auditor"), purpose="a test", message_id=question
    )
    assert original == said["text"]


def test_consent_is_stated_at_the_start_and_can_be_taken_back(
    browser: TestClient, company: Kefu
) -> None:
    conversation, bearer = _open(browser, customer="c7", consents={"improve": True})
    url = f"/v1/conversations/{conversation}/consent"
    assert browser.post(url, json={"improve": False}, headers=bearer).status_code == 204
    stated = [(one.scope, one.granted) for one in company.consents.history("c7")]
    assert stated == [(Scope.IMPROVE, True), (Scope.IMPROVE, False)]
    assert browser.post(url, json={"improve": True}).status_code == 401


def test_silence_states_nothing(browser: TestClient, company: Kefu) -> None:
    _open(browser, customer="c7", consents={})
    _open(browser, customer="c7")
    assert company.consents.history("c7") == []


@pytest.mark.parametrize("customer", ["", "  ", "x" * 129, "a\nb", "erased:1", 7])
def test_a_reference_that_cannot_be_kept_is_refused(browser: TestClient, customer: object) -> None:
    response = browser.post("/v1/conversations", json={"customer": customer})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_an_anonymous_conversation_is_its_own_customer(browser: TestClient, company: Kefu) -> None:
    conversation, _ = _open(browser)
    found = company.store.find(conversation)
    assert found is not None
    assert found.customer == conversation
