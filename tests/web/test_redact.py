"""Masking texts over HTTP: placeholders or masks, and nothing kept of what was sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.people import Role
from tests.web.console_office import MARK, employ, sign_in

TEXTS = ["call 13800138000", "我的电话是13800138000，不是13900139000", "no number here"]


@pytest.fixture
def agent(people: Callable[[], TestClient], company: Kefu) -> TestClient:
    browser = people()
    sign_in(browser, employ(company, Role.AGENT, "Anna"))
    return browser


def _redact(browser: TestClient, **body: Any) -> Any:
    response = browser.post("/v1/privacy/redact", json=body, headers=MARK)
    assert response.status_code == 200, response.text
    return response.json()["texts"]


def test_a_value_has_one_placeholder_in_all_texts_of_a_call(agent: TestClient) -> None:
    assert _redact(agent, texts=TEXTS) == [
        "call <PHONE_NUMBER_1>",
        "我的电话是<PHONE_NUMBER_1>，不是<PHONE_NUMBER_2>",
        "no number here",
    ]
    assert _redact(agent, texts=["13900139000"]) == ["<PHONE_NUMBER_1>"]


def test_masks_show_what_an_agent_would_see(agent: TestClient) -> None:
    assert _redact(agent, texts=TEXTS, style="mask") == [
        "call 138****8000",
        "我的电话是138****8000，不是139****9000",
        "no number here",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"texts": ["13800138000"], "style": "surrogate"},
        {"texts": ["13800138000"] * 101},
        {"texts": "13800138000"},
        {"texts": [13800138000]},
        {"texts": ["13800138000 " * 10_000]},
        {},
    ],
    ids=["surrogate", "too-many", "no-list", "no-text", "too-long", "nothing"],
)
def test_what_cannot_be_masked_is_a_problem_that_quotes_nothing(
    agent: TestClient, body: dict[str, object]
) -> None:
    response = agent.post("/v1/privacy/redact", json=body, headers=MARK)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "13800138000" not in response.text


def test_nothing_is_stored_or_logged(
    agent: TestClient,
    company: Kefu,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for style in ("placeholder", "mask"):
        _redact(agent, texts=TEXTS, style=style)
    printed = capsys.readouterr()
    assert "13800138000" not in caplog.text + printed.out + printed.err
    kept = [path for path in company.settings.home.rglob("*") if path.is_file()]
    assert kept
    assert all(b"13800138000" not in path.read_bytes() for path in kept)
    assert company.privacy is not None
    assert company.privacy.ledger.entries() == []
