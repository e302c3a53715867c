from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.article_check import check_articles, not_yet_known
from chatbot.article_import import Holding, import_articles
from knowledge_base.collection import Collection
from knowledge_base.passages import DRAFT, Document

CLEAN = Document("clean", "How long?", "15 days.", "Returns", language="en")
CONTACT = Document("contact", "Whom do I call?", "Call 13900139000 or help@example.com.")
PERSON = Document(
    "person",
    "退款退给谁？",
    "退给身份证号为11010519491231002X的客户，手机13800138000。",
    variants=("my id is 11010519491231002X",),
)
CSV = f"id,question,answer\nclean,How long?,15 days.\ncontact,Call?,{CONTACT.answer}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Collection:
    return Collection(tmp_path / "shop")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "k.csv"
    path.write_text(CSV, "utf-8")
    return path


def test_types_and_places_are_told_and_the_graver_ones_first() -> None:
    found = check_articles([CLEAN, CONTACT, PERSON])
    assert [(one.document_id, one.field, one.grave) for one in found] == [
        ("person", "answer", True),
        ("person", "variants", True),
        ("contact", "answer", False),
    ]
    assert dict(found[-1].counts) == {"EMAIL_ADDRESS": 1, "PHONE_NUMBER": 1}
    assert list(found[0].counts) == ["CN_RESIDENT_ID", "PHONE_NUMBER"]


def test_no_finding_says_what_was_found() -> None:
    said = repr(check_articles([CONTACT, PERSON]))
    for value in ("110105", "138001", "139001", "help@"):
        assert value not in said


def test_progress_counts_every_article() -> None:
    heard: list[tuple[int, int]] = []
    check_articles([CLEAN, CONTACT], progress=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 2), (2, 2)]


def test_an_article_is_known_whatever_its_state() -> None:
    withdrawn = replace(CLEAN, status=DRAFT)
    assert not_yet_known([CLEAN, CONTACT], [withdrawn]) == [CONTACT]
    assert not_yet_known([replace(CLEAN, answer="9 days.")], [withdrawn]) != []


def test_an_import_publishes_and_reports_personal_data(shop: Collection, file: Path) -> None:
    imported = import_articles(shop, [file])
    assert [finding.document_id for finding in imported.findings] == ["contact"]
    assert [document.id for document in shop.serving()] == ["clean", "contact"]
    assert import_articles(shop, [file]).findings == ()


@pytest.mark.parametrize(
    ("hold", "serving"), [(Holding.PERSONAL_DATA, ["clean"]), (Holding.ALL, [])]
)
def test_an_import_can_hold_articles_back(
    shop: Collection, file: Path, hold: Holding, serving: list[str]
) -> None:
    imported = import_articles(shop, [file], hold=hold, by="anna@example.com")
    assert imported.drafts == 2 - len(serving)
    assert [document.id for document in shop.serving()] == serving
    assert shop.revisions(limit=1)[0].by == "anna@example.com"


def test_what_was_accepted_once_is_not_held_back_again(shop: Collection, file: Path) -> None:
    import_articles(shop, [file], hold=Holding.PERSONAL_DATA)
    shop.publish(["contact"])
    assert import_articles(shop, [file], hold=Holding.PERSONAL_DATA).drafts == 0
    assert len(shop.serving()) == 2
