from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from chatbot.bootstrap import Kefu, build
from chatbot.errors import KnowledgeServerUnavailable
from chatbot.fakes import MemoryStore
from chatbot.knowledge_home import build_knowledge, open_milvus, serving_version
from chatbot.refresh import outdated_collections, rebuild
from chatbot.settings import Settings
from chatbot.vault_home import collection_of
from knowledge_base.collection import Collection
from knowledge_base.errors import IndexMissing
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from tests.milvus_lite_server import MilvusLite
from web.app import create_app
from web.errors import status_of

ENCODER = HashingEmbedder(32)
LAMPS = [
    Document("bulbs", "Which bulbs fit?", "Every lamp takes an E27 bulb."),
    Document("delivery", "多久能送达？", "包裹三天内送达。"),
]


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[MilvusLite]:
    lite = MilvusLite(tmp_path / "milvus")
    yield lite
    lite.stop()


@pytest.fixture
def settings(tmp_path: Path, lite: MilvusLite) -> Settings:
    return Settings.model_validate(
        {"home": tmp_path / "home", "milvus_uri": lite.url, "collection": "lamps"}
    )


@pytest.fixture
def collection(settings: Settings) -> Collection:
    collection = collection_of(settings, "lamps")
    collection.merge(LAMPS)
    return collection


def _build(settings: Settings, collection: Collection) -> str:
    return build_knowledge(settings, collection, ENCODER, progress=lambda *_: None)


def _product(settings: Settings) -> Kefu:
    return build(settings, store=MemoryStore(), embedder=ENCODER)


def test_without_a_server_in_the_settings_none_is_asked(tmp_path: Path) -> None:
    settings = Settings.model_validate({"home": tmp_path})
    assert open_milvus(settings) is None
    collection = collection_of(settings, "lamps")
    collection.merge(LAMPS)
    assert _build(settings, collection) == serving_version(settings, collection)


def test_a_build_also_goes_to_the_server_and_searches_ask_it(
    settings: Settings, collection: Collection
) -> None:
    version = _build(settings, collection)
    assert serving_version(settings, collection) == version
    # A search that read this machine's files would fail.
    (collection.root / "CURRENT").unlink()
    retriever = _product(settings).retriever("lamps")
    assert retriever.version == version
    assert retriever.search("Which bulbs fit?", hints={})[0].passage.document_id == "bulbs"


def test_a_new_build_is_searched_without_a_restart(
    settings: Settings, collection: Collection
) -> None:
    _build(settings, collection)
    product = _product(settings)
    product.retriever("lamps")
    collection.merge([Document("switch", "Where is the switch?", "On the cable.")])
    version = _build(settings, collection)
    retriever = product.retriever("lamps")
    assert retriever.version == version
    assert retriever.search("Where is the switch?", hints={})[0].passage.text == "On the cable."


def test_a_build_shows_how_far_the_copy_is(settings: Settings, collection: Collection) -> None:
    seen: dict[str, tuple[int, int]] = {}
    build_knowledge(
        *(settings, collection, ENCODER),
        progress=lambda stage, done, total: seen.update({stage: (done, total)}),
    )
    done, total = seen["upload"]
    assert done == total > 0


def test_where_the_server_is_away_the_build_says_so_and_continues_later(
    settings: Settings, collection: Collection, lite: MilvusLite
) -> None:
    lite.stop()
    with pytest.raises(KnowledgeServerUnavailable):
        _build(settings, collection)
    lite.start_again()
    assert _build(settings, collection) == serving_version(settings, collection)


def test_what_expired_answers_no_more_on_the_server_either(
    settings: Settings, collection: Collection, lite: MilvusLite
) -> None:
    today, tomorrow = date(2026, 3, 1), date(2026, 3, 2)
    sale = Document("sale", "Is there a sale?", "Half price.", valid_until=today.isoformat())
    collection.merge([sale])
    _build(settings, Collection(collection.root, now=lambda: _noon(today)))
    assert outdated_collections(settings, today) == []
    due = [Collection(collection.root, now=lambda: _noon(tomorrow))]
    lite.stop()
    with pytest.raises(KnowledgeServerUnavailable):
        rebuild(settings, due, ENCODER, progress=lambda: lambda *_: None)
    lite.start_again()
    assert [one.name for one in outdated_collections(settings, tomorrow)] == ["lamps"]
    rebuild(settings, due, ENCODER, progress=lambda: lambda *_: None)
    assert outdated_collections(settings, tomorrow) == []
    found = _product(settings).retriever("lamps").search("Is there a sale?", hints={})
    assert "sale" not in {hit.passage.document_id for hit in found}


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_before_the_first_build_there_is_no_version_to_serve(
    settings: Settings, collection: Collection
) -> None:
    with pytest.raises(IndexMissing):
        serving_version(settings, collection)


def test_a_lost_server_makes_kefu_unready_and_not_broken(
    settings: Settings, collection: Collection, lite: MilvusLite
) -> None:
    _build(settings, collection)
    product = _product(settings)
    product.warm_up()
    with TestClient(create_app(product)) as client:
        assert client.get("/readyz").json()["parts"]["knowledge"] == "ok"
        lite.stop()
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"]["knowledge"] == "unavailable"
        assert answer.json()["detail"] == "KnowledgeServerUnavailable"
        lite.start_again()
        assert client.get("/readyz").status_code == 200


def test_a_server_that_is_away_at_the_start_stops_nobody(
    settings: Settings, lite: MilvusLite
) -> None:
    lite.stop()
    _product(settings).warm_up()


def test_a_lost_server_is_service_unavailable() -> None:
    assert status_of(KnowledgeServerUnavailable("there is no connection")) == 503


@pytest.mark.parametrize("uri", ["milvus.db", "http://user:secret@host:19530", "ftp://host"])
def test_an_address_that_is_none_or_holds_a_password_is_refused(uri: str) -> None:
    with pytest.raises(ValidationError, match="milvus_uri"):
        Settings.model_validate({"milvus_uri": uri})
