"""An article is erased wherever it lies: in plain, sealed, and on a Milvus server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import knowledge_base.change as change
from chatbot.article_erasure import Erased, erase_articles
from chatbot.errors import KnowledgeServerUnavailable
from chatbot.knowledge_home import build_knowledge, open_milvus, serving_version
from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.collection import Collection
from knowledge_base.errors import IndexMissing
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index import VERSIONS
from knowledge_base.passages import Document
from privacy.errors import LedgerInvalid
from tests.memory_places import IN_MEMORY, memory_place
from tests.milvus_lite_server import MilvusLite

ENCODER = HashingEmbedder(32)
SECRET = Document("one", "Who keeps the quetzalcoatlus?", "谁养鹦鹉螺壳，请致电。")
OTHERS = [Document(f"d{n}", f"Question {n}?", f"Answer number {n}.") for n in range(24)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"home": tmp_path / "home", "collection": "shop"})


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[MilvusLite]:
    lite = MilvusLite(tmp_path / "milvus")
    yield lite
    lite.stop()


@pytest.fixture
def served(settings: Settings, lite: MilvusLite) -> Settings:
    return settings.model_copy(update={"milvus_uri": lite.url})


def _shop(settings: Settings) -> Collection:
    """Built with the article, then changed."""
    shop = collection_of(settings, "shop")
    shop.merge([*OTHERS, SECRET])
    _build(settings, shop)
    shop.merge([Document("new", "Anything new?", "Yes.")])
    _build(settings, shop)
    return shop


def _build(settings: Settings, shop: Collection) -> None:
    build_knowledge(settings, shop, ENCODER, progress=lambda *_: None)


def _erase(
    settings: Settings, shop: Collection, *ids: str, told: list[Erased] | None = None
) -> Erased:
    heard: list[Erased] = [] if told is None else told
    return erase_articles(
        *(settings, shop, ids, lambda: ENCODER),
        progress=lambda *_: None,
        record=heard.append,
        pause=lambda _: None,
    )


def _below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _versions(shop: Collection) -> set[str]:
    return {folder.name for folder in (shop.root / VERSIONS).iterdir()}


def test_an_article_leaves_the_documents_the_history_and_every_version(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "WHOLE_UP_TO", 0)
    shop = _shop(settings)
    assert "鹦鹉螺壳".encode() in _below(shop.root / VERSIONS)
    told: list[Erased] = []
    erased = _erase(settings, shop, "one", "nobody", told=told)
    assert told == [erased]
    assert (erased.articles, erased.changes, erased.versions) == (1, 1, 2)
    assert (erased.copies, erased.unknown) == (0, ("nobody",))
    assert _versions(shop) == {erased.version} == {shop.current_version()}
    assert "鹦鹉螺壳".encode() not in _below(shop.root)
    assert b"quetzalcoatlus" not in _below(shop.root)
    assert not shop.note.is_there


def test_what_was_forgotten_earlier_leaves_the_versions_too(settings: Settings) -> None:
    shop = _shop(settings)
    shop.remove(["one"])
    shop.forget(["one"])
    assert _erase(settings, shop, "one").articles == 0
    assert b"quetzalcoatlus" not in _below(shop.root)


def test_an_erasure_stays_unfinished_until_it_was_recorded(settings: Settings) -> None:
    shop = _shop(settings)

    def failing(erased: Erased) -> None:
        raise LedgerInvalid("the disk is full")

    with pytest.raises(LedgerInvalid):
        erase_articles(
            *(settings, shop, ["one"], lambda: ENCODER),
            progress=lambda *_: None,
            record=failing,
        )
    assert shop.note.is_there
    assert _erase(settings, shop).articles == 1
    assert not shop.note.is_there


@pytest.mark.skipif(not IN_MEMORY, reason="this machine has no tmpfs to write to")
def test_of_a_sealed_collection_every_older_file_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "WHOLE_UP_TO", 0)
    with memory_place() as place:
        sealed = Settings.model_validate(
            {"home": tmp_path / "home", "seal_files": True, "memory_home": place}
        )
        shop = _shop(sealed)
        before = {*(shop.root / VERSIONS).rglob("*.sealed")}
        assert before
        erased = _erase(sealed, shop, "one")
        assert erased.versions == 2
        assert not [path for path in before if path.exists()]
        assert not [*shop.root.glob("erasing*")]
        with open_vault(sealed).opened(shop.root / VERSIONS / shop.current_version()) as opened:
            assert b"quetzalcoatlus" not in _below(opened)
        assert b"quetzalcoatlus" not in _below(shop.root) + _below(place)
        assert [*shop.load(ENCODER).documents] == [*(one.id for one in OTHERS), "new"]


def test_the_copies_on_milvus_are_dropped_and_the_new_one_serves(served: Settings) -> None:
    shop = _shop(served)
    erased = _erase(served, shop, "one")
    assert erased.copies == 2
    assert serving_version(served, shop) == erased.version == shop.current_version()
    server = open_milvus(served)
    assert server is not None
    assert server.versions("shop") == [erased.version]
    server.close()


def test_the_last_article_leaves_no_copy_on_milvus(served: Settings) -> None:
    shop = collection_of(served, "shop")
    shop.merge([SECRET])
    _build(served, shop)
    erased = _erase(served, shop, "one")
    assert (erased.version, erased.copies) == (None, 1)
    with pytest.raises(IndexMissing):
        serving_version(served, shop)


def test_where_milvus_is_away_the_erasure_is_finished_later(
    served: Settings, lite: MilvusLite
) -> None:
    shop = _shop(served)
    lite.stop()
    with pytest.raises(KnowledgeServerUnavailable):
        _erase(served, shop, "one")
    assert shop.note.is_there
    lite.start_again()
    erased = _erase(served, shop)
    assert (erased.articles, erased.copies) == (1, 2)
    assert serving_version(served, shop) == shop.current_version()
    assert not shop.note.is_there
