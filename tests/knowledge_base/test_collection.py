from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.collection import Collection, ImportReport, list_collections
from knowledge_base.errors import (
    CollectionNameInvalid,
    CollectionUnknown,
    DocumentInvalid,
    IndexCorrupt,
    IndexMissing,
)
from knowledge_base.fakes import HashingEmbedder


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
