from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import knowledge_base.change as change
from chatbot.seal_files import convert, convertible
from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.collection import Collection
from knowledge_base.embedding import Vectors
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document
from tests.knowledge_base.changing import CountingEmbedder, manifest_of

EMBEDDER = CountingEmbedder()


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


def _spoil(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Collection:
    """Its current version stands on another."""
    monkeypatch.setattr(change, "WHOLE_UP_TO", 0)
    articles = collection_of(Settings.model_validate({"home": tmp_path, "seal_files": True}), "s")
    articles.merge([Document(f"d{n}", f"Question {n}?", f"Answer {n}.") for n in range(30)])
    articles.build(EMBEDDER)
    articles.merge([Document("new", "Ship?", "heron courier")])
    articles.build(EMBEDDER)
    return articles


@pytest.mark.parametrize("place", [0, -1])
def test_a_sealed_version_that_does_not_open_is_made_anew(sealed: Collection, place: int) -> None:
    versions = sorted((sealed.root / "versions").iterdir(), key=lambda path: path.stat().st_mtime)
    assert len(versions) == 2
    assert "base" in manifest_of(sealed)
    _spoil(versions[place] / "rows.npy.sealed")
    sealed.build(EMBEDDER)
    assert "new" in sealed.load(EMBEDDER).documents


class _Stopped(RuntimeError):
    pass


class _StopsAtQuestions(CountingEmbedder):
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        raise _Stopped


def test_what_a_killed_build_sealed_and_does_not_open_is_encoded_again(sealed: Collection) -> None:
    sealed.merge([Document("late", "Late?", "egret courier")])
    with pytest.raises(_Stopped):
        sealed.build(_StopsAtQuestions())
    [left] = sealed.root.rglob("*.vectors.sealed")
    _spoil(left)
    sealed.build(EMBEDDER)
    assert "late" in sealed.load(EMBEDDER).documents
