"""The audit ledger over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, update

from chatbot.adapters.tables import ledger
from chatbot.bootstrap import Kefu
from chatbot.people import Role
from chatbot.privacy_desk import Actor, write
from tests.web.console_office import employ, sign_in


@pytest.fixture
def auditor(people: Callable[[], TestClient], company: Kefu) -> TestClient:
    browser = people()
    sign_in(browser, employ(company, Role.AUDITOR, "Otto"))
    return browser


def _written(company: Kefu, count: int, actor: str = "worker") -> None:
    assert company.privacy is not None
    for number in range(count):
        by = Actor(actor, "system")
        write(company.privacy, by, "purge", subject=f"originals={number}", purpose="retention")


def _page(browser: TestClient, **query: int) -> Any:
    response = browser.get("/v1/admin/ledger", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def _numbers(page: Any) -> list[int]:
    return [item["sequence"] for item in page["items"]]


def test_without_a_place_the_newest_entries_come_in_order(
    auditor: TestClient, company: Kefu
) -> None:
    assert _page(auditor) == {"newest": 0, "items": []}
    _written(company, 5)
    page = _page(auditor, limit=2)
    assert page["newest"] == 5
    assert _numbers(page) == [4, 5]


def test_pages_follow_one_another_without_gap_or_repetition(
    auditor: TestClient, company: Kefu
) -> None:
    _written(company, 5)
    pages = [_numbers(_page(auditor, after=after, limit=2)) for after in (0, 2, 4, 5)]
    assert pages == [[1, 2], [3, 4], [5], []]


def test_an_entry_names_the_colleague_and_no_process(auditor: TestClient, company: Kefu) -> None:
    me = auditor.get("/v1/console/me").json()["id"]
    _written(company, 1)
    _written(company, 1, actor=me)
    worker, otto = _page(auditor)["items"]
    assert (worker["actor"], worker["actor_name"]) == ("worker", None)
    assert (otto["actor"], otto["actor_name"]) == (me, "Otto")
    assert otto["subject"] == "originals=0"


@pytest.mark.parametrize("query", [{"after": -1}, {"limit": 0}, {"limit": 501}, {"after": "x"}])
def test_a_place_that_cannot_be_is_a_problem(
    auditor: TestClient, query: dict[str, int | str]
) -> None:
    response = auditor.get("/v1/admin/ledger", params=query)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_ledger_nobody_touched_holds_in_both_languages(
    auditor: TestClient, company: Kefu
) -> None:
    _written(company, 3)
    verdict = auditor.get("/v1/admin/ledger/verification").json()
    assert (verdict["intact"], verdict["entries"], verdict["anchored"]) == (True, 3, False)
    assert verdict["breaks"] == []
    assert verdict["sentences"]["en"][0] == "All 3 entries hold."
    assert verdict["sentences"]["zh"][0] == "3 条记录完整。"


def test_an_entry_that_was_changed_is_found_and_named(auditor: TestClient, company: Kefu) -> None:
    _written(company, 3)
    engine = create_engine(company.settings.sqlalchemy_url)
    with engine.begin() as connection:
        changed = update(ledger).where(ledger.c.sequence == 2).values(purpose="curiosity")
        connection.execute(changed)
    engine.dispose()
    verdict = auditor.get("/v1/admin/ledger/verification").json()
    assert verdict["intact"] is False
    assert verdict["breaks"] == [{"fault": "altered", "first": 2, "last": 2}]
    assert verdict["sentences"]["en"][0].startswith("Entry 2 ")
    assert verdict["sentences"]["zh"][0].startswith("第 2 条")
