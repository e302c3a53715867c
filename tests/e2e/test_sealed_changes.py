"""A sealed version that stands on another one, and what a build left unfinished."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import knowledge_base.change as change
import knowledge_base.index as index_module
from chatbot.file_vault import is_sealed
from chatbot.seal_files import convert, convertible
from chatbot.settings import Settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.collection import Collection
from knowledge_base.index import VERSIONS
from knowledge_base.passages import Document
from tests.knowledge_base.changing import CountingEmbedder, article, loaded, manifest_of
from tests.memory_places import IN_MEMORY, memory_place

pytestmark = pytest.mark.skipif(not IN_MEMORY, reason="this machine has no tmpfs to write to")
SECRET = "heron"
CHANGED = Document("new", f"Who brings the {SECRET}?", f"The {SECRET} courier brings it.")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(change, "WHOLE_UP_TO", 0)
    with memory_place() as place:
        yield Settings(home=tmp_path, seal_files=True, memory_home=place, _env_file=None)


@pytest.fixture
def changed(settings: Settings) -> Collection:
    """Forty articles, then another one."""
    collection, draw = collection_of(settings, "shop"), np.random.default_rng(1)
    collection.merge([article(f"d{number}", draw) for number in range(40)])
    collection.build(CountingEmbedder())
    collection.merge([CHANGED])
    collection.build(CountingEmbedder())
    assert "base" in manifest_of(collection)
    return collection


def _answers(collection: Collection) -> bool:
    # As another process would: nothing of the base is in memory yet.
    index_module._segments.clear()
    kb = loaded(collection, CountingEmbedder())
    (hit,) = kb.search(CHANGED.question, hints={}, limit=1)
    return hit.passage.text == CHANGED.answer and kb.document("d7") is not None


def test_both_parts_are_sealed_and_answer(changed: Collection, settings: Settings) -> None:
    versions = [*(changed.root / VERSIONS).iterdir()]
    assert len(versions) == 2
    assert all(is_sealed(version) for version in versions)
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    assert _answers(changed)


def test_opened_for_good_and_sealed_again_they_answer(
    changed: Collection, settings: Settings
) -> None:
    vault = open_vault(settings)
    for opening in (True, False):
        assert convert(vault, convertible(settings, opening=opening), opening=opening) >= 3
        assert is_sealed(changed.root / VERSIONS / changed.current_version()) is not opening
        assert _answers(changed)


class _Stopping(CountingEmbedder):
    def encode_queries(self, texts: list[str]) -> np.ndarray:  # type: ignore[override,type-arg]
        raise RuntimeError("stopped")


def test_what_was_encoded_before_a_stop_is_sealed_and_used(
    changed: Collection, settings: Settings
) -> None:
    changed.merge([Document("newer", "How much?", "Nothing.")])
    with pytest.raises(RuntimeError, match="stopped"):
        changed.build(_Stopping())
    [folder] = (changed.root / VERSIONS).glob(".draft-encoded-*")
    assert [path.suffix for path in folder.iterdir()] == [".sealed"]
    embedder = CountingEmbedder()
    changed.build(embedder)
    assert embedder.encoded == ["How much?"]
    assert manifest_of(changed)["texts"] == {"new": 1, "reused": 2, "resumed": 1}
