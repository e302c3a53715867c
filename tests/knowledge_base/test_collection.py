from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from knowledge_base.collection import Collection, list_collections
from knowledge_base.errors import (
    CollectionNameInvalid,
    CollectionUnknown,
    DocumentInvalid,
    IndexCorrupt,
    IndexMissing,
)
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.importing import ImportReport
from knowledge_base.passages import Document
from knowledge_base.storage import only_writer


def _csv(folder: Path, *rows: str) -> Path:
    path = folder / "k.csv"
    path.write_text("\n".join(["id,question,answer", *rows, ""]), "utf-8")
    return path


def test_an_import_counts_what_it_did(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "shop")
    assert collection.import_documents([_csv(tmp_path, "a,q,1", "b,q,1")]) == ImportReport(2, 0, 0)
    report = collection.import_documents([_csv(tmp_path, "c,q,1", "b,q,2", "a,q,1")])
    assert report == ImportReport(added=1, changed=1, unchanged=1)
    assert [(d.id, d.answer) for d in collection.documents()] == [
        ("a", "1"),
        ("b", "2"),
        ("c", "1"),
    ]


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "shop")
    collection.import_documents([_csv(tmp_path, "a,q,1")])
    with pytest.raises(DocumentInvalid):
        collection.import_documents([_csv(tmp_path, "a,q,2", "b,q,")])
    assert [d.answer for d in collection.documents()] == ["1"]


def test_an_unknown_collection_has_no_documents_and_no_version(
    tmp_path: Path, embedder: HashingEmbedder
) -> None:
    collection = Collection(tmp_path / "shop")
    with pytest.raises(CollectionUnknown, match="'shop'"):
        collection.documents()
    with pytest.raises(CollectionUnknown):
        collection.build(embedder)
    with pytest.raises(IndexMissing):
        collection.current_version()


def test_damaged_documents_are_refused(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "shop")
    collection.import_documents([_csv(tmp_path, "a,q,1")])
    path = tmp_path / "shop" / "documents.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(IndexCorrupt, match=r"documents\.jsonl"):
        collection.documents()


@pytest.mark.parametrize(
    "name", ["", "..", "../shop", "/etc/shop", "a/b", "Shop", "a b", "shöp", "a" * 65, "shop\n"]
)
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CollectionNameInvalid):
        Collection.within(tmp_path, name)


@pytest.mark.parametrize("name", ["Shop", "a b", "..", "shop\n"])
def test_a_folder_with_another_name_is_no_collection(tmp_path: Path, name: str) -> None:
    with pytest.raises(CollectionNameInvalid):
        Collection(tmp_path / name)


def test_collections_are_listed_by_name(tmp_path: Path) -> None:
    assert list_collections(tmp_path / "none") == []
    for name in ("b", "a"):
        Collection(tmp_path / "all" / name).import_documents([_csv(tmp_path, "a,q,1")])
    (tmp_path / "all" / "empty").mkdir()
    assert list_collections(tmp_path / "all") == ["a", "b"]


def test_a_build_that_waited_for_another_writer_takes_what_that_one_left(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    builder = threading.Thread(target=Collection(collection.root).build, args=[embedder])
    documents = collection.root / "documents.jsonl"
    with only_writer(collection.root):
        builder.start()
        builder.join(0.3)
        lines = documents.read_bytes().splitlines(keepends=True)
        documents.write_bytes(b"".join(line for line in lines if b'"bulbs"' not in line))
    builder.join()
    assert "bulbs" not in collection.load(embedder).documents


def test_a_build_over_midnight_is_of_the_day_that_chose_its_articles(tmp_path: Path) -> None:
    """Else nobody would notice that the article, valid on that day alone, goes on answering."""
    evening, later = datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    times = iter([evening, later, later, later])
    shop = Collection(tmp_path / "shop")
    shop.merge([Document("a", "A?", "Yes."), Document("b", "B?", "No.", valid_until="2026-03-01")])
    building = Collection(shop.root, now=lambda: next(times))
    assert building.build(HashingEmbedder()).startswith("20260301T235900Z-")
    assert not shop.is_outdated(date(2026, 3, 1))
    assert shop.is_outdated(date(2026, 3, 2))


def test_of_an_article_that_another_program_wrote_twice_the_last_counts(
    tmp_path: Path, embedder: HashingEmbedder
) -> None:
    shop = Collection(tmp_path / "shop")
    shop.merge([Document("a", "A?", "Yes."), Document("b", "B?", "No.")])
    documents = shop.root / "documents.jsonl"
    last = documents.read_bytes().replace(b"Yes", b"Perhaps").splitlines(keepends=True)[0]
    documents.write_bytes(documents.read_bytes() + last)
    assert [(one.id, one.answer) for one in shop.documents()] == [("a", "Perhaps."), ("b", "No.")]
    shop.build(embedder)
    assert shop.load(embedder).documents["a"].answer == "Perhaps."
