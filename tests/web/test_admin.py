"""The console's admin side: knowledge, review, models, jobs, audits, accounts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, insert

from chatbot.adapters.tables import audits
from chatbot.bootstrap import Kefu
from chatbot.job_fakes import MemoryQueue
from chatbot.labelling import LabelTask
from chatbot.people import Role
from knowledge_base.collection import Collection
from knowledge_base.passages import Document
from tests.web.console_office import MARK, PASSWORD, employ, knowledge_file, office_of, sign_in
from tests.web.quick_app import quick_app


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def admin(company: Kefu, queue: MemoryQueue) -> TestClient:
    office = replace(office_of(company), queue=lambda: queue)
    client = TestClient(quick_app(replace(company, office=office)))
    sign_in(client, employ(company, Role.ADMIN, "Root"))
    return client


@pytest.fixture
def collection(company: Kefu) -> Collection:
    collection = Collection.within(company.settings.collections_home, "demo")
    collection.import_documents([knowledge_file(company.settings.home)])
    return collection


def change(client: TestClient, method: str, path: str, body: Any = None) -> httpx.Response:
    return client.request(method, f"/v1/admin{path}", json=body, headers=MARK)


def listed(client: TestClient, path: str, **query: Any) -> Any:
    response = client.get(f"/v1/admin{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


ARTICLE = {"question": "Do you ship abroad?", "answer": "Not yet.", "language": "en"}


def test_changing_an_article_keeps_what_its_form_does_not_show(
    admin: TestClient, collection: Collection
) -> None:
    kept = Document("ship-en", "Ship?", "No.", position="page 3", valid_until="2027-01-31")
    collection.merge([kept])
    assert change(admin, "PUT", "/knowledge/ship-en", ARTICLE).status_code == 200
    changed = {document.id: document for document in collection.documents()}["ship-en"]
    assert (changed.answer, changed.position) == ("Not yet.", "page 3")
    assert changed.valid_until == "2027-01-31"


def test_an_article_is_added_found_changed_and_removed(
    admin: TestClient, collection: Collection
) -> None:
    assert change(admin, "PUT", "/knowledge/ship-en", ARTICLE).status_code == 201
    again = change(admin, "PUT", "/knowledge/ship-en", {**ARTICLE, "answer": "Soon."})
    assert again.status_code == 200
    found = listed(admin, "/knowledge", q="ABROAD ship", language="en")
    assert [item["answer"] for item in found["items"]] == ["Soon."]
    assert listed(admin, "/collections")["collections"][0]["documents"] == 2
    assert change(admin, "DELETE", "/knowledge/ship-en").status_code == 204
    assert change(admin, "DELETE", "/knowledge/ship-en").status_code == 404
    assert [document.id for document in collection.documents()] == ["window-en"]


def test_building_is_a_job_in_the_name_of_who_asked(
    admin: TestClient, collection: Collection, queue: MemoryQueue
) -> None:
    response = change(admin, "POST", "/knowledge/build", {})
    assert response.status_code == 202, response.text
    job = response.json()
    assert (job["name"], job["state"]) == ("kefu.knowledge.build", "queued")
    assert job["requested_by"] == "root@example.com"
    assert [sent.id for sent in queue.sent] == [job["id"]]
    assert listed(admin, "/jobs")["items"] == [job]
    assert listed(admin, f"/jobs/{job['id']}") == job


def test_what_is_no_job_is_refused(admin: TestClient) -> None:
    for body in ({"name": "kefu.nothing"}, {"name": "kefu.privacy.purge", "arguments": {"x": 1}}):
        assert change(admin, "POST", "/jobs", body).status_code == 422
    assert change(admin, "GET", "/jobs/nobody").status_code == 404


def test_every_job_says_what_it_does_in_both_languages(admin: TestClient) -> None:
    startable = listed(admin, "/jobs")["startable"]
    assert {"kefu.knowledge.build", "kefu.privacy.anonymise"} <= {job["name"] for job in startable}
    assert all(job["summary"]["en"] and job["summary"]["zh"] for job in startable)


def test_a_sentence_is_labelled_rejected_and_counted(admin: TestClient, company: Kefu) -> None:
    labels = office_of(company).labels
    now = company.clock.now()
    for number in range(3):
        at = now + timedelta(seconds=number)
        labels.correct(
            LabelTask(f"m{number}", "demo", "send it back", "en", "low_confidence", "return", at)
        )
    page = listed(admin, "/review", limit=2)
    assert [item["id"] for item in page["items"]] == ["m0", "m1"]
    assert (page["total"], page["pending"]) == (3, 3)
    assert "return" in page["intents"]
    approved = change(admin, "POST", "/review/m0", {"label": "exchange"}).json()
    assert (approved["state"], approved["reviewer"]) == ("approved", "root@example.com")
    assert change(admin, "POST", "/review/m1", {"label": None}).json()["state"] == "rejected"
    assert change(admin, "POST", "/review/m9", {"label": None}).status_code == 404
    assert listed(admin, "/review")["pending"] == 1
    assert listed(admin, "/review", state="approved")["items"] == [approved]


def _version(company: Kefu, name: str) -> None:
    folder = company.settings.intents_home / "demo" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"metrics": {"accuracy": 0.9}}))


def test_versions_are_told_newest_first_with_who_serves(admin: TestClient, company: Kefu) -> None:
    assert listed(admin, "/models")["versions"] == []
    _version(company, "v1")
    _version(company, "v2")
    home = company.settings.intents_home / "demo"
    (home / "CURRENT").write_text("v2\n")
    story = {"line": ["v1", "v2"], "versions": [{"version": "v1", "state": "retired"}]}
    (home / "registry.json").write_text(json.dumps(story))
    found = listed(admin, "/models")
    assert (found["champion"], found["predecessor"]) == ("v2", "v1")
    assert [(v["name"], v["state"]) for v in found["versions"]] == [
        ("v2", "champion"),
        ("v1", "retired"),
    ]
    assert found["versions"][0]["metrics"]["accuracy"] == 0.9


def test_promotion_and_rollback_are_jobs(admin: TestClient, queue: MemoryQueue) -> None:
    assert change(admin, "POST", "/models/promote", {"version": "v2"}).status_code == 202
    assert change(admin, "POST", "/models/rollback", {}).status_code == 202
    assert [job.name for job in queue.sent] == ["kefu.models.promote", "kefu.models.rollback"]
    assert queue.sent[0].arguments["version"] == "v2"
    assert change(admin, "POST", "/models/promote", {"version": "../v"}).status_code == 422


def test_an_auditor_opens_a_report_that_cannot_run_anything(
    company: Kefu, people: Callable[[], TestClient]
) -> None:
    auditor = people()
    sign_in(auditor, employ(company, Role.AUDITOR, "Ada"))
    folder = company.settings.home / "audits" / "a1"
    folder.mkdir(parents=True)
    (folder / "report.zh.html").write_text("<h1>审计</h1>", encoding="utf-8")
    now = company.clock.now()
    row = {"id": "a1", "kind": "fairness", "folder": str(folder), "since": now, "until": now}
    engine = create_engine(company.settings.sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(insert(audits).values(**row, summary={"flags": 1}, created_at=now))
    engine.dispose()
    (item,) = listed(auditor, "/audits")["items"]
    assert item["summary"] == {"flags": 1}
    page = auditor.get(item["reports"][1]["url"])
    assert "审计" in page.text
    assert "sandbox" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert auditor.get(item["reports"][0]["url"]).status_code == 404


def test_an_account_is_added_changed_and_ends(
    admin: TestClient, company: Kefu, people: Callable[[], TestClient]
) -> None:
    body = {"email": "b@example.com", "password": PASSWORD, "role": "agent", "name": "Bob"}
    response = change(admin, "POST", "/users", body)
    assert response.status_code == 201, response.text
    assert PASSWORD not in response.text
    assert change(admin, "POST", "/users", body).status_code == 422
    bob = people()
    sign_in(bob, "b@example.com")
    path = f"/users/{response.json()['id']}"
    assert change(admin, "POST", path, {"disabled": True}).json()["disabled"]
    assert bob.get("/v1/console/me").status_code == 401
    assert [user["name"] for user in listed(admin, "/users")["items"]] == ["Bob", "Root"]


def test_the_last_admin_cannot_lock_the_door_behind_them(admin: TestClient) -> None:
    (root,) = listed(admin, "/users")["items"]
    refused = change(admin, "POST", f"/users/{root['id']}", {"role": "agent"})
    assert refused.status_code == 422
    assert "last active admin" in refused.json()["detail"]
