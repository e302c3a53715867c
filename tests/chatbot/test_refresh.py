from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chatbot import bootstrap
from chatbot.clock import SystemClock
from chatbot.job_kinds import Assignment
from chatbot.jobs import Job, Queue
from chatbot.refresh import outdated_collections, rebuild
from chatbot.settings import Settings
from chatbot.tasks import kinds
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder
from knowledge_base.errors import IndexCorrupt, NothingToServe
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from knowledge_base.storage import only_writer

TODAY = SystemClock().now().date()
YESTERDAY, TOMORROW = (TODAY + timedelta(days=n) for n in (-1, 1))
LASTING = Document("lasting", "Ship?", "Yes.")
OFFER = Document("offer", "Sale?", "Half price.", valid_until=TODAY.isoformat())
SOON = Document("soon", "New?", "In stock.", valid_from=TOMORROW.isoformat())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, _env_file=None)


def _collection(settings: Settings, name: str, *documents: Document) -> Collection:
    collection = Collection.within(settings.collections_home, name)
    collection.merge(documents)
    return collection


def _on(collection: Collection, day: date) -> Collection:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Collection(collection.root, now=lambda: noon)


def _serving(collection: Collection) -> set[str]:
    return set(collection.load(HashingEmbedder()).documents)


def _date_back(collection: Collection) -> None:
    """As if the current version had been built yesterday."""
    version = collection.current_version()
    earlier = f"{YESTERDAY:%Y%m%d}{version[8:]}"
    versions = collection.root / "versions"
    (versions / version).rename(versions / earlier)
    (collection.root / "CURRENT").write_text(earlier, "utf-8")


class _Watch:
    def stage(self, name: str, total: int) -> None: ...

    def advance(self, steps: int = 1, *, note: str = "") -> None: ...


def _unheard(stage: str, done: int, total: int) -> None: ...


def test_only_collections_whose_valid_articles_changed_are_outdated(settings: Settings) -> None:
    for name, document in (("lasting", LASTING), ("sale", OFFER), ("news", SOON)):
        collection = _collection(settings, name, LASTING, document)
        collection.build(HashingEmbedder())
    _collection(settings, "unbuilt", OFFER)
    assert outdated_collections(settings, TODAY) == []
    names = [collection.name for collection in outdated_collections(settings, TOMORROW)]
    assert names == ["news", "sale"]


def test_an_unfinished_erasure_is_logged_each_night(settings: Settings) -> None:
    collection = _collection(settings, "shop", LASTING)
    with only_writer(collection.root):
        collection.note.begin(["lasting"], {"lasting"})
    with capture_logs() as logs:
        outdated_collections(settings, TODAY)
    assert [(one["event"], one["collection"]) for one in logs] == [("erasure_unfinished", "shop")]


def test_a_rebuild_drops_what_expired_and_takes_in_what_became_valid(settings: Settings) -> None:
    collection = _collection(settings, "shop", LASTING, OFFER, SOON)
    collection.build(HashingEmbedder())
    assert _serving(collection) == {"lasting", "offer"}
    built = rebuild(
        *(settings, [_on(collection, TOMORROW)], HashingEmbedder()), progress=lambda: _unheard
    )
    assert built == {"shop": collection.current_version()}
    assert _serving(collection) == {"lasting", "soon"}


def test_a_collection_with_nothing_left_does_not_keep_the_others_from_being_built(
    settings: Settings,
) -> None:
    empty = _collection(settings, "empty", OFFER)
    other = _collection(settings, "other", LASTING, OFFER)
    with pytest.raises(NothingToServe, match="empty: none of 1"):
        rebuild(
            *(settings, [_on(empty, TOMORROW), _on(other, TOMORROW)], HashingEmbedder()),
            progress=lambda: _unheard,
        )
    assert _serving(other) == {"lasting"}


@pytest.mark.parametrize(
    ("file", "harm", "mended"), [("CURRENT", "", True), ("documents.jsonl", "{}\n", False)]
)
def test_a_damaged_collection_does_not_keep_the_others_from_being_built(
    settings: Settings, file: str, harm: str, mended: bool
) -> None:
    damaged = _collection(settings, "damaged", LASTING)
    other = _collection(settings, "other", LASTING, OFFER)
    for collection in (damaged, other):
        collection.build(HashingEmbedder())
    (damaged.root / file).write_text(harm, "utf-8")
    found = outdated_collections(settings, TOMORROW)
    assert [one.name for one in found] == ["damaged", "other"]
    with nullcontext() if mended else pytest.raises(IndexCorrupt, match=file):
        rebuild(
            *(settings, [_on(one, TOMORROW) for one in found], HashingEmbedder()),
            progress=lambda: _unheard,
        )
    assert _serving(other) == {"lasting"}


def test_the_nightly_job_loads_a_model_only_where_something_changed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Embedder] = []

    def load(_settings: Settings) -> Embedder:
        loaded.append(HashingEmbedder())
        return loaded[-1]

    monkeypatch.setattr(bootstrap, "load_embedder", load)
    kind = next(kind for kind in kinds() if kind.name == "kefu.knowledge.refresh")
    job = Job("j", kind.name, Queue.INTERACTIVE, "schedule", SystemClock().now())
    given = Assignment(settings, job, _Watch())
    collection = _collection(settings, "shop", LASTING)
    collection.build(HashingEmbedder())
    assert kind.run(given) == {"built": 0, "versions": {}}
    assert loaded == []
    _date_back(collection)
    collection.merge([replace(SOON, valid_from=TODAY.isoformat())])
    assert kind.run(given)["built"] == 1
    assert len(loaded) == 1
    assert _serving(collection) == {"lasting", "soon"}
