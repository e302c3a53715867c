from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.seal_files import convert, convertible
from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({}, IndexKind.FLAT),
        ({"faiss_index": "auto"}, IndexKind.FLAT),
        *(({"faiss_index": kind.value}, kind) for kind in IndexKind),
    ],
)
def test_collections_are_built_in_the_way_that_the_settings_ask_for(
    tmp_path: Path, asked: dict[str, str], kind: IndexKind
) -> None:
    settings = Settings.model_validate({"home": tmp_path, **asked})
    collection = collection_of(settings, "shop")
    collection.merge([Document(f"d{n}", f"Question {n}?", f"Answer {n}.") for n in range(50)])
    collection.build(HashingEmbedder())
    assert collection.load(HashingEmbedder()).dense.kind is kind


def _bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_history_of_articles_is_sealed_with_them_and_opened_with_them(tmp_path: Path) -> None:
    settings = Settings.model_validate({"home": tmp_path})
    vault, articles = open_vault(settings), collection_of(settings, "shop")
    articles.merge([Document("a", "Ship?", "heron courier")])
    articles.merge([Document("a", "Ship?", "stork courier")])
    assert [one.name for one in convertible(settings)] == ["collections/shop/documents.jsonl"]
    assert convert(vault, convertible(settings)) == 1
    assert b"courier" not in _bytes_below(tmp_path)
    assert [revision.number for revision in articles.revisions(limit=9)] == [2, 1]
    assert convertible(settings) == []
    opening = convertible(settings, opening=True)
    assert convert(vault, opening, opening=True) == 1
    assert b"stork courier" in _bytes_below(articles.root / "history")
    assert articles.rollback(1) == 1
    assert [document.answer for document in articles.documents()] == ["heron courier"]


def test_a_sealed_collection_seals_each_new_revision(tmp_path: Path) -> None:
    articles = collection_of(Settings.model_validate({"home": tmp_path, "seal_files": True}), "s")
    articles.merge([Document("a", "Ship?", "heron courier")])
    articles.remove(["a"])
    assert b"courier" not in _bytes_below(tmp_path)
    assert articles.restore(["a"]) == 1
