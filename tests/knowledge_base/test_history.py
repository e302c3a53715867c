"""A collection's documents through their lives: what is kept, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.collection import Collection
from knowledge_base.errors import (
    CollectionEmpty,
    DocumentUnknown,
    HistoryCorrupt,
    NothingToServe,
    RevisionUnknown,
)
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.history import COMMAND_LINE, Deed
from knowledge_base.passages import DRAFT, Document
from knowledge_base.vault import PlainVault

ANNA = "anna@example.com"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B = Document("a", "A?", "Yes."), Document("b", "B?", "No.")


@pytest.fixture
def shop(tmp_path: Path) -> Collection:
    return Collection(tmp_path / "shop", now=lambda: NOON)


def told(collection: Collection) -> list[tuple[int, str, str]]:
    return [(one.number, one.what.value, one.by) for one in collection.revisions(limit=99)]


def test_each_change_is_one_revision_that_says_who_when_and_what(shop: Collection) -> None:
    shop.merge([A, B], what=Deed.IMPORT)
    shop.merge([replace(A, answer="Maybe.")], by=ANNA)
    shop.remove(["b"], by=ANNA)
    newest, edit, first = shop.revisions(limit=9)
    assert (newest.what, newest.by, newest.removed) == (Deed.DELETE, ANNA, 1)
    assert (edit.number, edit.at, edit.added, edit.changed) == (2, NOON, 0, 1)
    assert (first.what, first.by, first.added) == (Deed.IMPORT, COMMAND_LINE, 2)


def test_what_changes_nothing_leaves_no_revision(shop: Collection) -> None:
    shop.merge([A, B])
    shop.merge([A])
    shop.remove(["nobody"])
    shop.publish(["a"])
    shop.restore(["a"])
    assert shop.rollback(1) == 0
    assert len(shop.revisions(limit=9)) == 1


def test_revisions_are_read_page_by_page(shop: Collection) -> None:
    for number in range(5):
        shop.merge([replace(A, answer=f"{number}")])
    assert [one.number for one in shop.revisions(limit=2)] == [5, 4]
    assert [one.number for one in shop.revisions(limit=2, before=4)] == [3, 2]


def test_every_version_of_a_document_can_be_read(shop: Collection) -> None:
    shop.merge([A, B])
    shop.merge([replace(A, answer="Maybe.")])
    shop.remove(["a"])
    versions = [change.after for _, change in shop.versions("a")]
    assert versions == [None, replace(A, answer="Maybe."), A]


def test_a_collection_without_a_history_starts_one_with_its_next_change(shop: Collection) -> None:
    shop.merge([A, B])
    (shop.root / "history" / "000001.jsonl").unlink()
    assert shop.revisions(limit=9) == []
    shop.remove(["a"], by=ANNA)
    assert told(shop) == [(2, "delete", ANNA), (1, "found", "")]
    assert shop.restore(["a"]) == 1


def test_what_another_program_changed_becomes_a_revision_of_its_own(shop: Collection) -> None:
    shop.merge([A, B])
    documents = shop.root / "documents.jsonl"
    documents.write_bytes(documents.read_bytes().split(b"\n")[0] + b"\n")
    shop.merge([replace(A, answer="Maybe.")])
    assert told(shop) == [(3, "edit", COMMAND_LINE), (2, "found", ""), (1, "edit", COMMAND_LINE)]
    assert shop.documents_after(2) == {"a": A}


class Killed(Exception):
    pass


class DiesAt(PlainVault):
    """Writes nothing more from the given write on, as a process that is killed then."""

    def __init__(self, write: int) -> None:
        self.left = write

    def write(self, path: Path, data: bytes) -> None:
        if not self.left:
            raise Killed
        self.left -= 1
        super().write(path, data)


@pytest.mark.parametrize("write", [0, 1])
def test_a_change_that_was_killed_half_way_did_not_take_place(shop: Collection, write: int) -> None:
    shop.merge([A])
    with pytest.raises(Killed):
        Collection(shop.root, vault=DiesAt(write)).merge([B])
    assert shop.documents() == [A]
    assert told(shop) == [(1, "edit", COMMAND_LINE)]
    with pytest.raises(RevisionUnknown):
        shop.documents_after(2)
    shop.remove(["a"], by=ANNA)
    assert told(shop) == [(2, "delete", ANNA), (1, "edit", COMMAND_LINE)]
    assert shop.documents_after(2) == {}


def test_a_first_import_that_was_killed_half_way_left_nothing(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        Collection(tmp_path / "shop", vault=DiesAt(1)).merge([A, B])
    shop = Collection(tmp_path / "shop")
    assert shop.revisions(limit=9) == []
    shop.merge([B])
    assert [one.added for one in shop.revisions(limit=9)] == [1]


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-3],
        lambda data: b"",
        lambda data: b"\xff\n",
        lambda data: b"{}\n",
        lambda data: data.replace(b'"before": "', b'"before": "0'),
    ],
)
def test_a_damaged_history_is_refused(shop: Collection, harm: Callable[[bytes], bytes]) -> None:
    for answer in ("1", "2", "3"):
        shop.merge([replace(A, answer=answer)])
    path = shop.root / "history" / "000002.jsonl"
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(HistoryCorrupt, match=r"000002\.jsonl"):
        shop.rollback(2)


def test_a_missing_file_of_the_history_is_told(shop: Collection) -> None:
    for answer in ("1", "2", "3"):
        shop.merge([replace(A, answer=answer)])
    (shop.root / "history" / "000002.jsonl").unlink()
    with pytest.raises(HistoryCorrupt, match=r"000002\.jsonl is missing"):
        shop.revisions(limit=9)


def test_a_line_of_the_history_is_json(shop: Collection) -> None:
    shop.merge([replace(A, answer="one\u2028two")])
    lines = (shop.root / "history" / "000001.jsonl").read_text("utf-8").split("\n")
    assert [sorted(json.loads(line)) for line in lines[1:-1]] == [["after", "before", "id"]]


# --- states


def test_a_deleted_document_is_listed_and_comes_back_as_it_was(shop: Collection) -> None:
    shop.merge([A, B])
    shop.withdraw(["a"])
    shop.remove(["a", "b"])
    assert shop.deleted() == [replace(A, status=DRAFT), B]
    assert shop.restore(["a"], by=ANNA) == 1
    assert shop.documents() == [replace(A, status=DRAFT)]
    assert shop.deleted() == [B]


def test_what_was_never_deleted_cannot_be_restored(shop: Collection) -> None:
    shop.merge([A])
    with pytest.raises(DocumentUnknown, match="'c' that was deleted"):
        shop.restore(["c"])


def test_nothing_is_published_if_one_of_the_documents_is_unknown(shop: Collection) -> None:
    shop.merge([replace(A, status=DRAFT)])
    with pytest.raises(DocumentUnknown, match="'c' in shop"):
        shop.publish(["a", "c"])
    assert shop.serving() == []


def test_importing_a_document_again_does_not_publish_what_was_withdrawn(shop: Collection) -> None:
    shop.merge([A, B])
    assert shop.withdraw(["a"]) == 1
    assert shop.merge([A, B]).unchanged == 2
    assert shop.merge([replace(A, answer="New.")]).changed == 1
    assert shop.serving() == [B]


def test_only_what_is_new_or_differs_comes_in_as_a_draft(shop: Collection) -> None:
    shop.merge([A, B])
    c = Document("c", "C?", "Perhaps.")
    report = shop.merge([A, replace(B, answer="Yes."), c], drafts={"a", "b", "c"})
    assert (report.added, report.changed, report.unchanged) == (1, 1, 1)
    assert shop.serving() == [A]


def test_a_build_indexes_what_is_published_and_valid_that_day(shop: Collection) -> None:
    last_day = replace(B, valid_until="2026-03-01")
    shop.merge([A, last_day, Document("c", "C?", "Soon.", valid_from="2026-03-02")])
    shop.merge([Document("d", "D?", "Wrong.", status=DRAFT)])
    shop.build(HashingEmbedder())
    assert set(shop.load(HashingEmbedder()).documents) == {"a", "b"}


def test_nothing_left_to_serve_is_said_and_the_index_stays(shop: Collection) -> None:
    shop.merge([A])
    version = shop.build(HashingEmbedder())
    shop.withdraw(["a"])
    with pytest.raises(NothingToServe, match="none of 1 documents is published"):
        shop.build(HashingEmbedder())
    assert shop.current_version() == version
    shop.remove(["a"])
    with pytest.raises(CollectionEmpty, match="import some first"):
        shop.build(HashingEmbedder())


# --- forgetting


def test_what_was_deleted_can_be_taken_out_of_the_history_for_good(shop: Collection) -> None:
    shop.merge([A, B])
    shop.merge([replace(A, answer="Maybe.")])
    shop.remove(["a"])
    assert shop.forget(["a", "nobody"]) == 1
    assert shop.deleted() == []
    assert list(shop.ever_held()) == [B, B]
    assert b"Maybe" not in b"".join(p.read_bytes() for p in shop.root.rglob("*.jsonl"))
    assert shop.rollback(2) == 0
    shop.merge([A])
    assert shop.documents_after(4) == {"a": A, "b": B}


def test_what_is_still_there_is_not_forgotten(shop: Collection) -> None:
    shop.merge([A])
    with pytest.raises(DocumentUnknown, match="delete it first"):
        shop.forget(["a"])
    assert len(shop.versions("a")) == 1


@pytest.mark.parametrize("write", [0, 1, 2])
def test_forgetting_that_was_killed_half_way_can_be_ended(shop: Collection, write: int) -> None:
    shop.merge([A, B])
    shop.merge([replace(A, answer="Maybe.")])
    shop.remove(["a"])
    with pytest.raises(Killed):
        Collection(shop.root, vault=DiesAt(write)).forget(["a"])
    assert shop.documents_after(1)["b"] == B
    shop.merge([replace(B, answer="Yes.")])
    assert shop.forget(["a"]) == 1
    assert shop.versions("a") == []
    assert shop.documents_after(4) == {"b": replace(B, answer="Yes.")}


def test_forgetting_also_removes_what_killed_writers_left(shop: Collection) -> None:
    shop.merge([A, B])
    shop.remove(["a"])
    left = [shop.root / ".documents.jsonl.7.draft", shop.root / "history" / ".000002.jsonl.7.draft"]
    for draft in left:
        draft.write_text("Yes.")
    shop.forget(["a"])
    assert not [draft for draft in left if draft.exists()]


# --- rollback


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_revision_that_never_was_cannot_come_back(shop: Collection, number: int) -> None:
    shop.merge([A])
    shop.merge([B])
    with pytest.raises(RevisionUnknown, match="use 1 to 2"):
        shop.rollback(number)


def test_a_rollback_can_be_rolled_back(shop: Collection) -> None:
    shop.merge([A])
    shop.merge([replace(A, answer="Maybe."), B])
    assert shop.rollback(1, by=ANNA) == 2
    assert shop.documents() == [A]
    assert shop.revisions(limit=1)[0].target == 1
    assert shop.rollback(2) == 2
    assert shop.documents() == [replace(A, answer="Maybe."), B]


IDS = st.sampled_from("abcd")
EDITS = st.tuples(
    st.sampled_from(["merge", "remove", "withdraw", "publish", "restore", "rollback"]),
    st.lists(IDS, min_size=1, max_size=3, unique=True),
    st.integers(0, 3),
)


def _apply(collection: Collection, deed: str, ids: list[str], number: int) -> None:
    latest = collection.revisions(limit=1)[0].number
    known = {document.id for document in collection.documents()}
    gone = {document.id for document in collection.deleted()}
    if deed == "merge":
        collection.merge([Document(one, f"{one}?", f"{number}") for one in ids])
    elif deed == "rollback":
        collection.rollback(max(1, latest - number))
    elif deed == "restore":
        collection.restore([one for one in ids if one in gone])
    elif deed == "remove":
        collection.remove(ids)
    else:
        getattr(collection, deed)([one for one in ids if one in known])


@settings(deadline=None, max_examples=40)
@given(st.lists(EDITS, max_size=8))
def test_whatever_was_changed_every_earlier_state_comes_back(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, list[str], int]]
) -> None:
    collection = Collection(tmp_path_factory.mktemp("lives") / "shop")
    collection.merge([A, B])
    states = {1: collection.documents()}
    for deed, ids, number in edits:
        _apply(collection, deed, ids, number)
        states[collection.revisions(limit=1)[0].number] = collection.documents()
    for number, documents in states.items():
        past = {document.id: document for document in documents}
        assert collection.documents_after(number) == past
        collection.rollback(number)
        assert {document.id: document for document in collection.documents()} == past
