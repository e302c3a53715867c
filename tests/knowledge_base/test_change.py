"""A version that stands on another answers as one that was built whole."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import knowledge_base.build as build
import knowledge_base.change as change
import knowledge_base.index as index_module
from knowledge_base.collection import Collection
from knowledge_base.errors import IndexCorrupt
from knowledge_base.fusion import FEATURES
from knowledge_base.index import MANIFEST, VERSIONS
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document
from knowledge_base.search import KnowledgeBase
from tests.knowledge_base.changing import (
    CountingEmbedder,
    article,
    built_whole,
    loaded,
    manifest_of,
    same_hits,
    whole_only,
)

WITHIN = 2e-5
"""Vectors and counts are the same; the words' weights are rounded once more (see SplicedWords)."""
EMBEDDER = CountingEmbedder()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUERIES = ("parcel courier money", "灯泡 发票 repair", "lamp", "zebra 保修 cable size", "快递")
HINTS: tuple[dict[str, float], ...] = ({}, {"refund": 0.7, "delivery": 0.2, "none": 0.1})


@pytest.fixture(autouse=True)
def _small_versions_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "WHOLE_UP_TO", 0)


def _articles(count: int, seed: int = 1) -> list[Document]:
    draw = np.random.default_rng(seed)
    return [article(f"d{number}", draw) for number in range(count)]


@pytest.fixture
def many(tmp_path: Path) -> Collection:
    """Two hundred articles, built whole."""
    collection = Collection(tmp_path / "many")
    collection.merge(_articles(200))
    with whole_only():
        collection.build(EMBEDDER)
    return collection


def _change_some(collection: Collection) -> None:
    draw = np.random.default_rng(7)
    collection.remove(["d3", "d150"])
    collection.merge([article("d20", draw), article("d199", draw), article("new", draw)])


def _equal(one: KnowledgeBase, other: KnowledgeBase) -> None:
    # Which of two equally good passages is the last candidate is anyone's choice.
    one.each = other.each = one.size
    for query in QUERIES:
        for hints in HINTS:
            found, right = (kb.search(query, hints=hints, limit=8) for kb in (one, other))
            assert same_hits(found, right, within=WITHIN)


Steps = st.lists(
    st.tuples(st.sampled_from(["add", "change", "remove", "again"]), st.integers(0, 199)),
    min_size=1,
    max_size=12,
)


@given(rounds=st.lists(Steps, min_size=1, max_size=3), seed=st.integers(0, 99))
# Every example builds two indexes: to shrink a failure would take minutes.
@settings(max_examples=6, deadline=None, phases=[Phase.generate])
def test_after_any_changes_the_hits_are_those_of_a_whole_build(
    rounds: list[list[tuple[str, int]]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(change, "WHOLE_UP_TO", 0)
        folder = tmp_path_factory.mktemp("changes")
        collection, draw = Collection(folder / "changing"), np.random.default_rng(seed)
        collection.merge(_articles(200, seed))
        with whole_only():
            collection.build(EMBEDDER)
        for steps in rounds:
            for step, number in steps:
                if step in ("remove", "again"):
                    collection.remove([f"d{number}"])
                if step == "again":
                    collection.merge([_articles(200, seed)[number]])
                if step in ("add", "change"):
                    name = f"d{number}" if step == "change" else f"new{number}"
                    collection.merge([article(name, draw)])
            collection.build(EMBEDDER)
        whole = built_whole(collection.documents(), folder / "whole", EMBEDDER)
        _equal(loaded(collection, EMBEDDER), whole)
        shutil.rmtree(folder)


def test_passages_documents_tags_and_their_order_are_those_of_a_whole_build(
    many: Collection, tmp_path: Path
) -> None:
    _change_some(many)
    many.build(EMBEDDER)
    assert "base" in manifest_of(many)
    index, documents = many.load(EMBEDDER), many.documents()
    built_whole(documents, tmp_path / "whole", EMBEDDER)
    whole = Collection(tmp_path / "whole").load(EMBEDDER)
    assert list(index.passages) == list(whole.passages)
    assert list(index.documents.values()) == documents
    assert index.documents["new"] == documents[-1]
    assert "d3" not in index.documents
    assert {tag: rows.tolist() for tag, rows in index.tagged.items()} == {
        tag: rows.tolist() for tag, rows in whole.tagged.items()
    }
    counts = manifest_of(many)["counts"]
    assert counts == manifest_of(Collection(tmp_path / "whole"))["counts"]


def test_words_weigh_what_they_weigh_in_a_whole_build(many: Collection, tmp_path: Path) -> None:
    _change_some(many)
    many.build(EMBEDDER)
    index = many.load(EMBEDDER)
    built_whole(many.documents(), tmp_path / "whole", EMBEDDER)
    whole = Collection(tmp_path / "whole").load(EMBEDDER)
    for query in QUERIES:
        found, right = index.lexical.match(query), whole.lexical.match(query)
        np.testing.assert_allclose(found.scores, right.scores, atol=1e-6)
        np.testing.assert_allclose(found.coverage, right.coverage, atol=1e-6)
        best = index.lexical.best(index.lexical.ask(query), 30)
        np.testing.assert_allclose(
            found.scores[best], np.sort(right.scores)[::-1][: len(best)], atol=1e-6
        )


def test_a_change_encodes_what_changed_and_writes_little(many: Collection) -> None:
    before = manifest_of(many)["version"]
    _change_some(many)
    embedder = CountingEmbedder()
    many.build(embedder)
    manifest = manifest_of(many)
    assert manifest["base"]["version"] == before
    assert manifest["added"] == {"documents": 3, "passages": 3}
    assert manifest["format"] == 3
    assert 6 <= len(embedder.encoded) == manifest["texts"]["new"] <= 9
    again = CountingEmbedder()
    many.merge([article("newer", np.random.default_rng(8))])
    many.build(again)
    assert len(again.encoded) <= 3, "the change before is not encoded again"


def test_removals_alone_need_no_encoder_and_hide_their_articles(many: Collection) -> None:
    gone = {"d3", "d150"}
    many.remove(gone)
    embedder = CountingEmbedder()
    many.build(embedder)
    assert "base" in manifest_of(many)
    assert embedder.encoded == []
    kb = loaded(many, EMBEDDER)
    for query in (*QUERIES, *(d.answer for d in _articles(200) if d.id in gone)):
        found = {hit.passage.document_id for hit in kb.search(query, hints=HINTS[1], limit=30)}
        assert not found & gone
    assert kb.document("d3") is None


def test_when_everything_is_as_before_the_base_serves_again(many: Collection) -> None:
    before = many.current_version()
    many.merge([article("new", np.random.default_rng(1))])
    assert many.build(EMBEDDER) != before
    many.remove(["new"])
    assert many.build(EMBEDDER) == before == many.current_version()
    assert many.load(EMBEDDER).version == before


def test_more_than_a_tenth_makes_a_whole_version(many: Collection) -> None:
    draw = np.random.default_rng(2)
    many.merge([article(f"new{number}", draw) for number in range(20)])
    many.build(EMBEDDER)
    assert "base" in manifest_of(many)
    many.merge([article("one more", draw)])
    many.build(EMBEDDER)
    assert "base" not in manifest_of(many)
    many.remove([f"d{number}" for number in range(23)])
    many.build(EMBEDDER)
    assert "base" not in manifest_of(many)


def test_small_collections_are_built_whole(
    many: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    _change_some(many)
    many.build(EMBEDDER)
    assert "base" not in manifest_of(many)


def test_another_kind_of_search_is_built_whole(many: Collection) -> None:
    many.merge([article("new", np.random.default_rng(1))])
    many.build(EMBEDDER, kind=IndexKind.HNSW)
    assert "base" not in manifest_of(many)
    many.merge([article("newer", np.random.default_rng(2))])
    many.build(EMBEDDER, kind=IndexKind.HNSW)
    assert "base" in manifest_of(many)
    assert many.load(EMBEDDER).dense.kind is IndexKind.HNSW


@pytest.mark.parametrize("kind", IndexKind)
def test_graphs_and_cells_can_be_stood_upon(many: Collection, kind: IndexKind) -> None:
    many.build(EMBEDDER, kind=kind)
    _change_some(many)
    many.build(EMBEDDER, kind=kind)
    assert "base" in manifest_of(many)
    kb = loaded(many, EMBEDDER)
    for document in many.documents()[-3:]:
        assert kb.search(document.question, hints={})[0].passage.document_id == document.id


def test_a_version_of_an_older_program_is_not_stood_upon(many: Collection) -> None:
    folder = many.root / VERSIONS / many.current_version()
    manifest = json.loads((folder / MANIFEST).read_bytes())
    shutil.rmtree(folder / "catalogue")
    (folder / "lexical" / "lengths.npy").unlink()
    kept = {n: h for n, h in manifest["files"].items() if "lengths" not in n and "catal" not in n}
    (folder / MANIFEST).write_text(json.dumps(manifest | {"files": kept}))
    old = loaded(many, EMBEDDER)
    assert old.search("lamp", hints={"lamps": 0.9})
    _change_some(many)
    many.build(EMBEDDER)
    assert "base" not in manifest_of(many)
    assert manifest_of(many)["texts"]["reused"] > 300


def test_what_a_version_stands_on_is_never_pruned(many: Collection) -> None:
    base, draw = many.current_version(), np.random.default_rng(3)
    for number in range(6):
        many.merge([article(f"new{number}", draw)])
        many.build(EMBEDDER)
    kept = {folder.name for folder in (many.root / VERSIONS).iterdir()}
    assert base in kept
    assert len(kept) <= 4
    assert loaded(many, EMBEDDER).document("new5") is not None
    with whole_only():
        for number in range(4):
            many.merge([article(f"more{number}", draw)])
            many.build(EMBEDDER)
    kept = {folder.name for folder in (many.root / VERSIONS).iterdir()}
    assert base not in kept
    assert len(kept) == 3


def test_words_that_were_forgotten_are_gone_after_three_builds(many: Collection) -> None:
    words, draw = many.documents()[3].question.encode(), np.random.default_rng(3)
    many.remove(["d3"])
    many.build(EMBEDDER)
    assert many.forget(["d3"]) == 1
    for number in range(3):
        assert any(words in path.read_bytes() for path in many.root.rglob("passages.jsonl"))
        many.merge([article(f"new{number}", draw)])
        many.build(EMBEDDER)
    assert "base" in manifest_of(many), "only the first of them is whole"
    assert not any(words in p.read_bytes() for p in many.root.rglob("*") if p.is_file())


def test_where_there_was_nothing_to_forget_a_change_stays_one(many: Collection) -> None:
    assert many.forget(["nobody"]) == 0
    _change_some(many)
    many.build(EMBEDDER)
    assert "base" in manifest_of(many)


def test_a_kind_that_nobody_knows_is_built_anew(many: Collection) -> None:
    manifest = {**manifest_of(many), "dense": {"kind": "tree"}}
    path = many.root / VERSIONS / many.current_version() / MANIFEST
    path.write_text(json.dumps(manifest), "utf-8")
    _change_some(many)
    many.build(EMBEDDER)
    assert loaded(many, EMBEDDER).document("new") is not None


@pytest.mark.parametrize("step", ["_write_change", "_seal", "_publish", "write_atomically"])
def test_a_crash_at_any_step_of_a_change_leaves_the_old_version(
    many: Collection, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    many.merge([article("new", np.random.default_rng(1))])
    old = many.build(EMBEDDER)
    _change_some(many)

    def crash(*_: object, **__: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(build, step, crash)
        with pytest.raises(OSError, match="power cut"):
            many.build(EMBEDDER)
    assert many.load(EMBEDDER).version == old
    assert many.build(EMBEDDER) != old
    assert loaded(many, EMBEDDER).document("d3") is None


@pytest.mark.parametrize("name", ["documents.npy", "passages.npy", "dense.faiss", "lexical"])
def test_damage_of_a_change_is_named_and_mended(many: Collection, name: str) -> None:
    _change_some(many)
    many.build(EMBEDDER)
    path = many.root / VERSIONS / many.current_version() / name
    file = path / "data.csc.index.npy" if path.is_dir() else path
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(IndexCorrupt, match="changed or cut short"):
        many.load(EMBEDDER)
    many.build(EMBEDDER)
    assert loaded(many, EMBEDDER).document("new") is not None


@pytest.mark.parametrize("name", ["dense.faiss", MANIFEST])
def test_damage_of_the_base_is_named_and_mended(many: Collection, name: str) -> None:
    file = many.root / VERSIONS / many.current_version() / name
    _change_some(many)
    many.build(EMBEDDER)
    file.write_bytes(file.read_bytes().replace(b"1", b"2"))
    with pytest.raises(IndexCorrupt):
        many.load(EMBEDDER)
    many.build(EMBEDDER)
    assert "base" not in manifest_of(many)
    assert loaded(many, EMBEDDER).document("new") is not None


def test_the_next_version_does_not_load_its_base_again(many: Collection) -> None:
    first = many.load(EMBEDDER)
    _change_some(many)
    many.build(EMBEDDER)
    second = many.load(EMBEDDER)
    assert second.base is first.base
    file = many.root / VERSIONS / first.version / "passages.jsonl"
    file.write_bytes(file.read_bytes().replace(b"lamp", b"bulb"))
    with pytest.raises(IndexCorrupt):
        many.load(EMBEDDER)


def test_a_large_base_is_read_from_its_files(
    many: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change_some(many)
    many.build(EMBEDDER)
    read = loaded(many, EMBEDDER)
    monkeypatch.setattr(index_module, "MAPPED_FROM_BYTES", 0)
    monkeypatch.setattr(index_module, "_segments", {})
    mapped = loaded(many, EMBEDDER)
    for query in QUERIES:
        for hints in HINTS:
            assert read.search(query, hints=hints) == mapped.search(query, hints=hints)


def test_every_candidate_is_there_once(many: Collection) -> None:
    _change_some(many)
    many.build(EMBEDDER)
    for query in QUERIES:
        found = loaded(many, EMBEDDER).candidates(query, hints=HINTS[1])
        names = [passage.id for passage in found.passages]
        assert len(names) == len(set(names))
        assert found.features.shape == (len(names), len(FEATURES))


def test_a_version_that_was_pruned_while_it_was_loaded_gives_way_to_the_newest(
    many: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = many.current_version()
    _change_some(many)
    with whole_only():
        newest = many.build(EMBEDDER)
    shutil.rmtree(many.root / VERSIONS / gone)
    named = iter([gone, newest, newest])
    monkeypatch.setattr(index_module, "current_version", lambda _root: next(named))
    assert many.load(EMBEDDER).version == newest


def test_two_versions_of_one_second_have_two_names(many: Collection) -> None:
    """The second of them may stand on the first."""
    content = manifest_of(many)["content"]
    names = set()
    for _ in range(3):
        names.add(name := build._free_name(many.root, content, NOON))
        (many.root / VERSIONS / name).mkdir()
    assert len(names) == 3
