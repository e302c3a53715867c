"""The retrieval test over HTTP, on a real index with an encoder without weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from chatbot.bootstrap import Kefu
from chatbot.fakes import MemoryUnanswered
from chatbot.gaps import Unanswered, Why
from chatbot.job_fakes import MemoryQueue
from chatbot.people import Role
from chatbot.query_drop import QueryDrop
from knowledge_base.calibration import Scorer
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from knowledge_base.search import KnowledgeBase
from tests.web.console_office import MARK, employ, office_of, sign_in
from tests.web.quick_app import quick_app
from web.schemas_retrieval import MOST_QUERIES

ARTICLES = (
    Document("window-en", "How long for a return?", "15 days.", language="en", tags=("return",)),
    Document("window-zh", "几天内可以退货？", "15天。", language="zh", tags=("return",)),
    Document("trade", "May shops return?", "Ask us.", language="en", audience="dealers"),
    Document("again", "How long for a return?", "15 Days!", language="en"),
)


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def browser(company: Kefu, queue: MemoryQueue) -> Callable[[Role], TestClient]:
    collection = Collection.within(company.settings.collections_home, "demo")
    collection.merge(ARTICLES)
    collection.build(HashingEmbedder())
    knowledge = KnowledgeBase(
        collection.load(HashingEmbedder()), HashingEmbedder(), Scorer.default()
    )
    office = replace(office_of(company), queue=lambda: queue)
    asked = [_unanswered(company, text) for text in ("any vouchers?", "Any vouchers", "the moon")]
    kefu = replace(
        company,
        office=office,
        retriever=lambda _name: knowledge,
        unanswered=MemoryUnanswered({"demo": asked}),
        encoder=HashingEmbedder,
    )
    app = quick_app(kefu)

    def signed_in(role: Role) -> TestClient:
        client = TestClient(app, raise_server_exceptions=False)
        sign_in(client, employ(company, role, role.value))
        return client

    return signed_in


def _unanswered(company: Kefu, text: str) -> Unanswered:
    return Unanswered(text, text, "en", company.clock.now(), Why.REFUSED)


def post(client: TestClient, path: str, **body: Any) -> httpx.Response:
    return client.post(f"/v1/admin/knowledge/{path}", json=body, headers=MARK)


def test_a_search_finds_what_a_turn_finds_and_says_what_stands_behind(
    browser: Callable[[Role], TestClient],
) -> None:
    found = post(browser(Role.AGENT), "search", query="how long for a return").json()
    assert found["explanation"] is None
    (best, *_) = found["hits"]
    assert {best["document_id"], *best["duplicates"]} == {"window-en", "again"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"language": "zh"}, {"window-zh"}),
        ({"filter": {"tags": ["return"]}}, {"window-en", "window-zh"}),
        ({"language": "en", "filter": {"tags": ["return"], "audience": "shops"}}, {"window-en"}),
        ({"language": "en", "filter": {"tags": ["other"]}}, set()),
    ],
)
def test_a_search_may_be_confined(
    browser: Callable[[Role], TestClient], asked: dict[str, Any], found: set[str]
) -> None:
    hits = post(browser(Role.ADMIN), "search", query="return 退货", **asked).json()["hits"]
    assert {hit["document_id"] for hit in hits} == found


def test_an_explanation_shows_stages_threshold_and_what_a_turn_would_do(
    browser: Callable[[Role], TestClient], company: Kefu
) -> None:
    body = {"query": "how long for a return", "explain": True, "limit": 2}
    explained = post(browser(Role.AUDITOR), "search", **body).json()["explanation"]
    assert explained["thresholds"]["answer"] == company.thresholds.answer
    best, twin = explained["candidates"]
    assert (best["rank"], best["fate"], best["place"]) == (1, "shown", 1)
    assert (twin["fate"], twin["instead"]) == ("duplicate", best["document_id"])
    assert explained["decision"]["action"] in ("answer", "refuse", "clarify")


@pytest.mark.parametrize("query", ["", "x" * 5000, "a\0b"])
def test_what_is_no_question_is_refused(browser: Callable[[Role], TestClient], query: str) -> None:
    admin = browser(Role.ADMIN)
    for explain in (True, False):
        response = post(admin, "search", query=query, explain=explain)
        assert response.status_code == 422


def test_an_evaluation_is_a_job_that_names_no_question(
    browser: Callable[[Role], TestClient], queue: MemoryQueue, company: Kefu
) -> None:
    rows = [{"query": "my mail is anna@example.com, how long?", "expected_id": "window-en"}]
    response = post(browser(Role.ADMIN), "evaluate", queries=rows)
    assert response.status_code == 202, response.text
    job = response.json()
    assert job["name"] == "kefu.knowledge.evaluate"
    assert [sent.id for sent in queue.sent] == [job["id"]]
    assert "anna" not in response.text
    left = QueryDrop(company.settings.home, company.vault).read(job["arguments"]["asked"])
    assert left.decode().splitlines() == [
        "query,expected_id,language",
        '"my mail is anna@example.com, how long?",window-en,',
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"csv": "query,expected_id\n", "queries": []},
        {"csv": "query,expected_id\n" + "where,window-en\n" * (MOST_QUERIES + 1)},
        {"queries": [{"query": "where"}] * (MOST_QUERIES + 1)},
        {"csv": "query,expected_id\nwhere,window-en\n", "name": "../q.csv"},
    ],
)
def test_what_cannot_be_measured_is_refused_and_nothing_starts(
    browser: Callable[[Role], TestClient], queue: MemoryQueue, body: dict[str, Any]
) -> None:
    assert post(browser(Role.ADMIN), "evaluate", **body).status_code == 422
    assert queue.sent == []


def test_a_collection_without_an_index_cannot_be_measured(
    browser: Callable[[Role], TestClient],
) -> None:
    rows = [{"query": "where", "expected_id": "window-en"}]
    assert post(browser(Role.ADMIN), "evaluate", queries=rows, collection="no").status_code == 404


def test_earlier_runs_are_listed(browser: Callable[[Role], TestClient]) -> None:
    assert browser(Role.AGENT).get("/v1/admin/knowledge/runs").json() == {"items": []}


def test_unanswered_questions_are_listed_together_and_the_reading_is_noted(
    browser: Callable[[Role], TestClient], company: Kefu
) -> None:
    found = browser(Role.AUDITOR).get("/v1/admin/knowledge/gaps").json()["items"]
    assert [(gap["count"], gap["languages"]) for gap in found] == [(2, {"en": 2}), (1, {"en": 1})]
    assert found[0]["nearest"]["document_id"] in {article.id for article in ARTICLES}
    assert company.privacy is not None
    assert "gaps:demo" in {entry.subject for entry in company.privacy.ledger.entries()}


def test_an_agent_does_not_read_what_other_customers_asked(
    browser: Callable[[Role], TestClient],
) -> None:
    assert browser(Role.AGENT).get("/v1/admin/knowledge/gaps").status_code == 403
