"""What only a version on a server can do; what every retriever does is in tests/contracts."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.adapters import milvus_server
from chatbot.adapters.milvus_copy import copy_version
from chatbot.adapters.milvus_server import (
    FACTS,
    PARTS,
    TERMS,
    MilvusServer,
    among,
    key_of,
    part_of,
)
from chatbot.adapters.retriever_milvus import MilvusRetriever
from chatbot.errors import ExtraMissing, KnowledgeServerUnavailable, NotFound
from knowledge_base.calibration import Scorer
from knowledge_base.collection import Collection
from knowledge_base.errors import EmbedderMismatch, IndexCorrupt, IndexMissing, IndexOutdated
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index import Index
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document
from knowledge_base.search import KnowledgeBase
from knowledge_base.taught import Means
from tests.milvus_lite_server import MilvusLite

NAME = "lamps"
ENCODER = HashingEmbedder(32)
QUERY = "Which bulbs fit my lamp?"
LAMPS = [
    Document("bulbs", "Which bulbs fit?", "Every lamp takes an E27 bulb.", tags=("bulbs",)),
    Document("delivery", "多久能送达？", "包裹三天内送达。", language="zh"),
    Document("signs", "!!!", "…"),
]


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[MilvusLite]:
    lite = MilvusLite(tmp_path / "milvus")
    yield lite
    lite.stop()


@pytest.fixture
def server(lite: MilvusLite) -> Iterator[MilvusServer]:
    server = MilvusServer(lite.url)
    yield server
    server.close()


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return _built(tmp_path / NAME)


def _built(root: Path, *more: Document, kind: IndexKind | None = None) -> Index:
    collection = Collection(root, kind=kind)
    collection.merge([*LAMPS, *more])
    collection.build(ENCODER)
    return collection.load(ENCODER)


def _copy(server: MilvusServer, index: Index, *, name: str = NAME) -> None:
    copy_version(server, name, index, embedder=ENCODER, progress=lambda *_: None)


def _open(server: MilvusServer, encoder: HashingEmbedder = ENCODER) -> MilvusRetriever:
    version = server.current_version(NAME)
    means = Means(encoder, Scorer.default())
    return MilvusRetriever.open(server, NAME, version, means=lambda _name: means)


def _named(index: Index, day: int) -> Index:
    return replace(index, version=f"202601{day:02}T000000Z-{day:08x}")


def test_before_anything_was_copied_the_index_is_missing(server: MilvusServer) -> None:
    with pytest.raises(IndexMissing, match="lamps"):
        server.current_version(NAME)


def test_a_copied_version_serves_once_it_is_switched_to(server: MilvusServer, index: Index) -> None:
    _copy(server, index)
    with pytest.raises(IndexMissing):
        server.current_version(NAME)
    assert server.switch(NAME, index.version) is None
    assert _open(server).version == index.version


@pytest.mark.parametrize("kind", list(IndexKind))
def test_each_kind_of_index_finds_the_same_there(
    server: MilvusServer, tmp_path: Path, kind: IndexKind
) -> None:
    index = _built(tmp_path / NAME, kind=kind)
    _copy(server, index)
    server.switch(NAME, index.version)
    here = KnowledgeBase(index, ENCODER, Scorer.default()).search(QUERY, hints={"bulbs": 0.7})
    there = _open(server).search(QUERY, hints={"bulbs": 0.7})
    assert [hit.passage for hit in there] == [hit.passage for hit in here]
    assert [hit.score for hit in there] == pytest.approx([hit.score for hit in here], abs=1e-6)


def test_an_older_version_can_serve_again(server: MilvusServer, index: Index) -> None:
    for day in (1, 2):
        _copy(server, _named(index, day))
        before = server.switch(NAME, _named(index, day).version)
    assert before == _named(index, 1).version
    assert server.switch(NAME, before) == _named(index, 2).version
    assert _open(server).version == before


def test_a_version_that_is_not_there_cannot_serve(server: MilvusServer, index: Index) -> None:
    with pytest.raises(NotFound, match="no such version"):
        server.switch(NAME, index.version)


def test_an_interrupted_copy_never_serves_and_is_made_anew(
    server: MilvusServer, index: Index
) -> None:
    def stop(_stage: str, done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_version(server, NAME, index, embedder=ENCODER, progress=stop)
    with pytest.raises(NotFound):
        server.switch(NAME, index.version)
    means = Means(ENCODER, Scorer.default())
    with pytest.raises(IndexCorrupt, match="not whole"):
        MilvusRetriever.open(server, NAME, index.version, means=lambda _name: means)
    _copy(server, index)
    server.switch(NAME, index.version)
    assert _open(server).search(QUERY, hints={})[0].passage.document_id == "bulbs"


def test_a_second_copy_of_the_same_version_moves_nothing(
    server: MilvusServer, index: Index
) -> None:
    _copy(server, index)
    moved: list[int] = []
    copy_version(
        *(server, NAME, index), embedder=ENCODER, progress=lambda _, done, __: moved.append(done)
    )
    assert moved == []


def test_of_old_versions_the_last_that_served_and_the_newest_stay(
    server: MilvusServer, index: Index
) -> None:
    for day in range(1, 5):
        _copy(server, _named(index, day))
        before = server.switch(NAME, _named(index, day).version)
    server.prune(NAME, before=before)
    assert server.versions(NAME) == [_named(index, day).version for day in (2, 3, 4)]
    server.switch(NAME, _named(index, 2).version)
    server.prune(NAME, before=None)
    assert server.current_version(NAME) == _named(index, 2).version


def test_collections_do_not_see_each_others_versions(server: MilvusServer, index: Index) -> None:
    for name, day in (("a", 1), ("a-b", 2)):
        _copy(server, _named(index, day), name=name)
        server.switch(name, _named(index, day).version)
    assert server.versions("a") == [_named(index, 1).version]
    assert server.current_version("a-b") == _named(index, 2).version


@settings(deadline=None)
@given(
    name=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    other=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    version=st.from_regex(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}", fullmatch=True),
    part=st.sampled_from(PARTS),
)
def test_a_name_on_the_server_tells_its_collection_and_version(
    name: str, other: str, version: str, part: str
) -> None:
    named = part_of(name, version, part)
    assert milvus_server.version_in(named, name) == version
    assert named.replace("_", "").isalnum()
    assert len(named) < 256
    if other != name:
        assert milvus_server.version_in(named, other) is None


@settings(deadline=None)
@given(text=st.text(), other=st.text())
def test_a_key_is_a_number_above_zero_that_fits_64_bits(text: str, other: str) -> None:
    assert FACTS < key_of(text) < 2**63
    assert (key_of(text) == key_of(other)) == (text == other)


def test_a_filter_holds_whole_numbers_only() -> None:
    assert among("row", [3, 1]) == "row in [3, 1]"
    with pytest.raises(ValueError, match="invalid literal"):
        among("row", ["1] or row >= 0"])  # type: ignore[list-item]


def test_another_encoder_than_the_one_it_was_built_with_is_refused(
    server: MilvusServer, index: Index
) -> None:
    _copy(server, index)
    server.switch(NAME, index.version)
    with pytest.raises(EmbedderMismatch, match="build the index again"):
        _open(server, HashingEmbedder(64))


def test_a_version_of_another_layout_is_refused(server: MilvusServer, index: Index) -> None:
    _copy(server, index)
    row = {"key": FACTS, "term": json.dumps({"format": 99}), "place": 0}
    with server.asked() as client:
        client.upsert(
            part_of(NAME, index.version, TERMS), [{**row, "rarity": 0.0, "unused": [0.0, 0.0]}]
        )
    with pytest.raises(IndexOutdated, match="layout 99"):
        server.facts(NAME, index.version)


def test_a_passage_longer_than_a_text_of_milvus_comes_back_whole(
    server: MilvusServer, tmp_path: Path
) -> None:
    asked = tuple(f"第{number}种问法：灯泡怎么换？" * 20 for number in range(400))
    index = _built(tmp_path / NAME, Document("many", "换灯泡", "拧下来。", variants=asked))
    _copy(server, index)
    server.switch(NAME, index.version)
    found = {hit.passage.document_id: hit for hit in _open(server).search("换灯泡", hints={})}
    assert found["many"].passage.questions == ("换灯泡", *asked)


def test_a_lost_server_is_said_in_one_sentence_and_found_again(
    lite: MilvusLite,
    server: MilvusServer,
    index: Index,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    _copy(server, index)
    server.switch(NAME, index.version)
    retriever = _open(server)
    lite.stop()
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(KnowledgeServerUnavailable, match="KEFU_MILVUS_URI") as lost,
    ):
        retriever.search(QUERY, hints={})
    assert str(lost.value).count("\n") == 0
    assert lost.value.__suppress_context__
    assert not [record for record in caplog.records if record.name.startswith("pymilvus")]
    assert "Traceback" not in "".join(capfd.readouterr())
    lite.start_again()
    assert _open(server).search(QUERY, hints={})[0].passage.document_id == "bulbs"


def test_a_search_in_a_version_that_was_removed_meanwhile_is_no_other_versions_answer(
    server: MilvusServer, index: Index
) -> None:
    _copy(server, index)
    server.switch(NAME, index.version)
    retriever = _open(server)
    _copy(server, _named(index, 1))
    server.switch(NAME, _named(index, 1).version)
    server.remove(NAME, index.version)
    with pytest.raises(KnowledgeServerUnavailable):
        retriever.search(QUERY, hints={})


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    monkeypatch.delitem(sys.modules, "chatbot.adapters.milvus_server")
    with pytest.raises(ExtraMissing, match=r"kefu\[milvus\]"):
        importlib.import_module("chatbot.adapters.milvus_server")
