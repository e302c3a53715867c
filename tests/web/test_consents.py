"""What a customer agrees to and tells about themselves, over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.templates import DISCLOSURE_VERSION
from privacy.consent import Scope, objects
from tests.web.quick_app import quick_app


@pytest.fixture
def browser(company: Kefu) -> TestClient:
    return TestClient(quick_app(company), raise_server_exceptions=False)


class Conversation:
    def __init__(self, browser: TestClient, **opening: object) -> None:
        self._browser = browser
        opened = browser.post("/v1/conversations", json=opening).json()
        self._url = f"/v1/conversations/{opened['conversation_id']}"
        self._bearer = {"Authorization": f"Bearer {opened['token']}"}

    def offer(self, language: str = "en") -> dict[str, object]:
        url = f"{self._url}/consent?language={language}"
        response = self._browser.get(url, headers=self._bearer)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def consent(self, **statement: object) -> int:
        url = f"{self._url}/consent"
        return self._browser.post(url, json=statement, headers=self._bearer).status_code

    def tell(self, name: str, value: object) -> tuple[int, str]:
        url = f"{self._url}/attributes/{name}"
        response = self._browser.put(url, json={"value": value}, headers=self._bearer)
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json"
            return response.status_code, response.json()["detail"]
        return response.status_code, ""


def _told(company: Kefu, customer: str = "c7") -> dict[str, str | None]:
    return {one.name: one.value for one in company.attributes.told_by([customer])}


def test_the_words_to_agree_to_come_with_their_version_and_what_may_be_told(
    browser: TestClient,
) -> None:
    conversation = Conversation(browser, customer="c7")
    english, chinese = conversation.offer(), conversation.offer("zh")
    assert english.keys() == chinese.keys()
    assert english["wording_version"] == chinese["wording_version"]
    assert "Maplewood" in str(english["improve"])
    assert "枫木" in str(chinese["improve"])
    assert "counted unless you say no" in str(english["analytics"])
    assert "除非您选择“否”" in str(chinese["analytics"])
    (age,) = english["attributes"]  # type: ignore[misc]
    assert age["name"] == "age_band"
    assert [one["value"] for one in age["values"]] == ["under_30", "30_59", "60_plus"]
    assert conversation.offer("zh-Hant")["attributes"][0]["label"] == "年齡"  # type: ignore[index]


def test_a_statement_keeps_the_words_that_were_read(browser: TestClient, company: Kefu) -> None:
    conversation = Conversation(browser, customer="c7", language="zh")
    assert conversation.consent(audit=True, wording_version="consent-1", language="en") == 204
    assert conversation.consent(improve=True) == 204
    first, second = company.consents.history("c7")
    assert (first.wording_version, first.language) == ("consent-1", "en")
    assert (second.wording_version, second.language) == (DISCLOSURE_VERSION, "zh-Hans")


def test_an_attribute_is_told_changed_and_taken_back(browser: TestClient, company: Kefu) -> None:
    conversation = Conversation(browser, customer="c7", consents={"audit": True})
    assert conversation.tell("age_band", "30_59") == (204, "")
    assert conversation.tell("age_band", "60_plus") == (204, "")
    assert _told(company) == {"age_band": "60_plus"}
    assert conversation.tell("age_band", None) == (204, "")
    assert _told(company) == {}


def test_without_consent_to_audits_nothing_is_kept(browser: TestClient, company: Kefu) -> None:
    conversation = Conversation(browser, customer="c7", consents={"improve": True})
    status, detail = conversation.tell("age_band", "30_59")
    assert status == 403
    assert "agrees to audits" in detail
    assert _told(company) == {}


def test_refusing_audits_takes_the_attributes_along(browser: TestClient, company: Kefu) -> None:
    conversation = Conversation(browser, customer="c7", consents={"audit": True})
    conversation.tell("age_band", "30_59")
    assert conversation.consent(improve=False) == 204
    assert _told(company) == {"age_band": "30_59"}
    assert conversation.consent(audit=False) == 204
    assert _told(company) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("age_band", "forty-two"),
        ("age_band", "x" * 33),
        ("age_band", 40),
        ("shoe_size", "30_59"),
        ("Shoe size", "30_59"),
        ("shoe_size", None),
    ],
)
def test_only_what_the_company_asks_for_can_be_told(
    browser: TestClient, company: Kefu, name: str, value: object
) -> None:
    conversation = Conversation(browser, customer="c7", consents={"audit": True})
    status, detail = conversation.tell(name, value)
    assert status == 422
    assert "forty-two" not in detail
    assert _told(company) == {}


def test_a_conversation_without_a_name_is_told_what_it_lacks(browser: TestClient) -> None:
    status, detail = Conversation(browser, consents={"audit": True}).tell("age_band", "30_59")
    assert status == 409
    assert "`customer`" in detail


def test_a_company_that_asks_for_nothing_offers_nothing(company: Kefu) -> None:
    settings = company.settings.model_copy(update={"audit_attributes": {}})
    browser = TestClient(quick_app(replace(company, settings=settings)))
    conversation = Conversation(browser, customer="c7", consents={"audit": True})
    assert conversation.offer()["attributes"] == []
    status, detail = conversation.tell("age_band", "30_59")
    assert status == 422
    assert "none" in detail


def test_another_site_may_put_attributes(company: Kefu) -> None:
    settings = company.settings.model_copy(update={"allowed_origins": ("https://shop.example",)})
    browser = TestClient(quick_app(replace(company, settings=settings)))
    asked = browser.options(
        "/v1/conversations/1/attributes/age_band",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"},
    )
    assert asked.status_code == 200


def test_the_scopes_of_a_statement_are_independent(browser: TestClient, company: Kefu) -> None:
    conversation = Conversation(browser, customer="c7")
    conversation.consent(audit=True)
    assert [one.scope for one in company.consents.history("c7")] == [Scope.AUDIT]


def test_being_counted_in_reports_can_be_refused(browser: TestClient, company: Kefu) -> None:
    talk = Conversation(browser, customer="c7")
    assert talk.consent(analytics=False) == 204
    history = company.consents.history("c7")
    assert objects(history, "c7", scope=Scope.ANALYTICS, now=company.clock.now())
    assert [one.scope for one in history] == [Scope.ANALYTICS]
