"""The lives of articles over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from chatbot.article_import import Imported, import_articles
from chatbot.bootstrap import Kefu
from chatbot.people import Role
from chatbot.vault_home import open_vault
from knowledge_base.collection import Collection
from knowledge_base.passages import Document
from knowledge_base.storage import only_writer
from tests.knowledge_base.made_office import docx_file, zip_file
from tests.memory_places import IN_MEMORY, memory_place
from tests.web.console_office import MARK, employ, sign_in
from tests.web.quick_app import quick_app
from web.routes import admin_knowledge_life

ROOT, LIFE = "root@example.com", "/v1/admin/knowledge"
CSV = "id,question,answer\na,Ship?,Three days.\nb,Whom?,身份证号11010519491231002X\n"


@pytest.fixture
def admin(company: Kefu) -> TestClient:
    client = TestClient(quick_app(company))
    sign_in(client, employ(company, Role.ADMIN, "Root"))
    return client


@pytest.fixture
def shop(company: Kefu) -> Collection:
    collection = company.collection("demo")
    collection.merge([Document("a", "Ship?", "Three days."), Document("b", "Return?", "七天内。")])
    return collection


def change(client: TestClient, path: str, body: Any = None) -> httpx.Response:
    return client.post(f"{LIFE}{path}", json=body, headers=MARK)


def listed(client: TestClient, path: str = "", **query: Any) -> Any:
    response = client.get(f"{LIFE}{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def upload(client: TestClient, name: str, content: bytes, **query: str) -> httpx.Response:
    query |= {"name": name}
    return client.post(f"{LIFE}/import", params=query, content=content, headers=MARK)


def test_withdrawing_and_publishing_turn_an_articles_state(
    admin: TestClient, shop: Collection
) -> None:
    withdrawn = change(admin, "/a/withdraw").json()
    assert (withdrawn["id"], withdrawn["status"], withdrawn["state"]) == ("a", "draft", "draft")
    assert [item["id"] for item in listed(admin, status="draft")["items"]] == ["a"]
    assert [document.id for document in shop.serving()] == ["b"]
    assert change(admin, "/a/publish").json()["state"] == "published"
    assert listed(admin, status="published")["total"] == 2
    assert [one.by for one in shop.revisions(limit=2)] == [ROOT, ROOT]


def test_a_deleted_article_is_listed_apart_and_restored(
    admin: TestClient, shop: Collection
) -> None:
    assert admin.delete(f"{LIFE}/a", headers=MARK).status_code == 204
    assert [item["id"] for item in listed(admin)["items"]] == ["b"]
    assert [(i["id"], i["state"]) for i in listed(admin, status="deleted")["items"]] == [
        ("a", "deleted")
    ]
    assert change(admin, "/a/restore").json()["state"] == "published"
    assert listed(admin)["total"] == 2


def test_what_is_being_erased_is_told_and_not_restored(admin: TestClient, shop: Collection) -> None:
    shop.remove(["a"])
    with only_writer(shop.root):
        shop.note.begin(["a"], ())
    refused = change(admin, "/a/restore")
    assert refused.status_code == 409
    assert "kefu kb forget" in refused.json()["detail"]
    found = admin.get("/v1/admin/collections").json()["collections"]
    assert [one["erasure_unfinished"] for one in found if one["name"] == "demo"] == [True]


def test_an_article_says_when_and_for_whom_it_holds(admin: TestClient, shop: Collection) -> None:
    shop.merge([Document("c", "C?", "C.", valid_until="2001-01-31", audience="staff")])
    [expired] = listed(admin, status="expired")["items"]
    assert (expired["valid_until"], expired["audience"]) == ("2001-01-31", "staff")


def test_the_history_tells_who_changed_what(admin: TestClient, shop: Collection) -> None:
    edited = {"question": "Ship?", "answer": "Five days.", "language": "en"}
    admin.put(f"{LIFE}/a", json=edited, headers=MARK)
    newest, first = listed(admin, "/history")["items"]
    assert (newest["number"], newest["by"], newest["what"]) == (2, ROOT, "edit")
    assert (first["added"], first["by"]) == (2, "command line")
    assert listed(admin, "/history", before=2)["items"] == [first]
    own = listed(admin, "/history", document="a")["items"]
    assert [(one["number"], one["added"], one["changed"]) for one in own] == [(2, 0, 1), (1, 1, 0)]


def test_a_difference_is_told_piece_by_piece(admin: TestClient, shop: Collection) -> None:
    shop.merge([Document("a", "Ship?", "Three days."), Document("b", "Return?", "九天内。")])
    told = listed(admin, "/diff", older=1, newer=2)
    assert told["total"] == 1
    [field] = told["items"][0]["fields"]
    assert field["field"] == "answer"
    assert [(piece["fate"], piece["text"]) for piece in field["pieces"]] == [
        ("gone", "七"),
        ("new", "九"),
        ("same", "天内。"),
    ]
    assert listed(admin, "/diff", older=1, newer=2, document="a")["items"] == []


def test_a_rollback_is_a_change_of_its_own(admin: TestClient, shop: Collection) -> None:
    shop.remove(["a", "b"])
    assert change(admin, "/rollback", {"revision": 1}).json()["differing"] == 2
    newest = listed(admin, "/history")["items"][0]
    assert (newest["what"], newest["target"], newest["by"]) == ("rollback", 1, ROOT)
    assert listed(admin)["total"] == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/nobody/publish", None),
        ("/nobody/withdraw", None),
        ("/nobody/restore", None),
        ("/rollback", {"revision": 9}),
        ("/a/publish?collection=nowhere", None),
    ],
)
def test_what_is_not_there_is_a_problem(
    admin: TestClient, shop: Collection, path: str, body: Any
) -> None:
    response = change(admin, path, body)
    assert response.status_code == 404, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert len(shop.revisions(limit=9)) == 1


def test_personal_data_is_told_by_type_and_place(admin: TestClient, shop: Collection) -> None:
    shop.merge([Document("c", "Who?", "身份证号11010519491231002X")])
    response = admin.get(f"{LIFE}/personal-data")
    assert "110105" not in response.text
    assert response.json()["items"] == [
        {"document_id": "c", "field": "answer", "counts": {"CN_RESIDENT_ID": 1}, "grave": True}
    ]
    only = listed(admin, "/personal-data", document="a")
    assert (only["total"], only["checked"], only["items"]) == (1, 1, [])


# --- uploads


def test_a_file_is_imported_in_the_name_of_who_sent_it(admin: TestClient, company: Kefu) -> None:
    report = upload(admin, "知识.csv", CSV.encode()).json()
    assert (report["added"], report["files"], report["refused"]) == (2, 1, [])
    assert [finding["document_id"] for finding in report["findings"]] == ["b"]
    assert company.collection("demo").revisions(limit=1)[0].by == ROOT
    again = upload(admin, "知识.csv", CSV.encode()).json()
    assert (again["unchanged"], again["findings"]) == (2, [])


@pytest.mark.parametrize(("hold", "drafts"), [("personal_data", 1), ("all", 2)])
def test_an_upload_can_be_held_back(admin: TestClient, hold: str, drafts: int) -> None:
    assert upload(admin, "k.csv", CSV.encode(), hold=hold).json()["drafts"] == drafts
    assert listed(admin, status="draft")["total"] == drafts


def test_of_an_archive_the_good_files_come_in_and_the_others_are_told(admin: TestClient) -> None:
    book = docx_file([("Heading 1", "Fees"), ("Normal", "Five.")])
    archive = zip_file({"fees.docx": book, "bad.csv": b"id,question,answer\na,q,\n"})
    report = upload(admin, "book.zip", archive).json()
    assert (report["added"], report["files"]) == (1, 1)
    [refused] = report["refused"]
    assert refused.startswith("book.zip")
    assert "bad.csv" in refused


@pytest.mark.parametrize("name", ["note.exe", "k.csv"])
def test_a_file_that_cannot_be_read_is_told_without_where_it_lay(
    admin: TestClient, name: str, tmp_path: Path
) -> None:
    report = upload(admin, name, b"\0\1\2").json()
    assert report["files"] == 0
    [refused] = report["refused"]
    assert refused.startswith(name)
    assert "/" not in refused
    assert admin.get(LIFE).status_code == 404


@pytest.mark.parametrize("name", ["../k.csv", "a/b.csv", "a\\b.csv", ".csv", "", "a\nb.csv"])
def test_a_name_that_could_leave_the_folder_is_refused(admin: TestClient, name: str) -> None:
    assert upload(admin, name, CSV.encode()).status_code == 422


def test_an_upload_larger_than_a_request_may_be_is_refused(admin: TestClient) -> None:
    assert upload(admin, "k.csv", b"x" * 1_000_001).status_code == 413


@pytest.mark.skipif(not IN_MEMORY, reason="this machine has no tmpfs to write to")
def test_where_articles_are_sealed_an_upload_is_opened_in_memory_alone(
    company: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay: list[Path] = []

    def watched(collection: Collection, paths: list[Path], **options: Any) -> Imported:
        lay.extend(paths)
        return import_articles(collection, paths, **options)

    monkeypatch.setattr(admin_knowledge_life, "import_articles", watched)
    with memory_place() as place:
        sealing = {"seal_files": True, "memory_home": place}
        settings = company.settings.model_copy(update=sealing)
        sealed = replace(company, settings=settings, vault=open_vault(settings))
        client = TestClient(quick_app(sealed))
        sign_in(client, employ(company, Role.ADMIN, "Root"))
        assert upload(client, "k.csv", CSV.encode()).json()["added"] == 2
        assert [path.is_relative_to(place) for path in lay] == [True]
        assert not lay[0].exists()
    assert list(settings.collections_home.rglob("*.jsonl")) == []
