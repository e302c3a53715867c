"""Versions: written beside each other, swapped in one step, verified when loaded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import knowledge_base.build as build
import knowledge_base.index as index_module
from knowledge_base.build import build_version
from knowledge_base.calibration import Scorer
from knowledge_base.collection import Collection
from knowledge_base.errors import (
    CollectionEmpty,
    EmbedderMismatch,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
)
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index import CURRENT, MANIFEST, VERSIONS, kind_of, load_version
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document
from knowledge_base.search import KnowledgeBase
from knowledge_base.vault import PlainVault

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _folder(collection: Collection) -> Path:
    return collection.root / VERSIONS / collection.current_version()


def _change(collection: Collection, answer: str) -> None:
    collection.merge([Document("bulbs", "Which bulbs fit?", answer)])


def test_a_built_version_holds_all_documents_and_passages(
    collection: Collection, embedder: HashingEmbedder, documents: list[Document]
) -> None:
    version = collection.build(embedder)
    index = load_version(collection.root, embedder)
    assert index.version == version == collection.current_version()
    assert list(index.documents.values()) == documents
    assert [passage.document_id for passage in index.passages] == [d.id for d in documents]
    assert index.dense.size == index.lexical.size == len(documents)


def test_the_manifest_names_every_file_and_what_made_it(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    collection.build(embedder)
    folder = _folder(collection)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    files = {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()}
    assert set(manifest["files"]) == files - {MANIFEST}
    assert manifest["counts"] == {"documents": 5, "passages": 5, "vectors": 13}
    assert manifest["embedder"]["name"] == "hashing"
    assert "faiss" in manifest["libraries"]


def test_progress_ends_complete_in_every_stage(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    seen: dict[str, tuple[int, int]] = {}

    def show(stage: str, done: int, total: int) -> None:
        seen[stage] = (done, total)

    collection.build(embedder, progress=show)
    assert set(seen) == {"encode", "index"}
    assert all(done == total for done, total in seen.values())


def test_building_the_same_again_does_nothing(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    version = collection.build(embedder)
    assert collection.build(embedder) == version
    assert len(list((collection.root / VERSIONS).iterdir())) == 1


def test_another_encoder_builds_another_version(collection: Collection) -> None:
    first = collection.build(HashingEmbedder(64))
    assert collection.build(HashingEmbedder(32)) != first
    with pytest.raises(EmbedderMismatch, match="hashing"):
        load_version(collection.root, HashingEmbedder(64))


def test_nothing_can_be_built_from_nothing(tmp_path: Path, embedder: HashingEmbedder) -> None:
    with pytest.raises(CollectionEmpty):
        build_version(tmp_path, [], embedder, at=NOON, progress=lambda *_: None)
    with pytest.raises(IndexMissing):
        load_version(tmp_path, embedder)


@pytest.mark.parametrize("step", ["_write_parts", "_seal", "_publish", "write_atomically"])
def test_a_crash_at_any_step_leaves_the_old_version(
    collection: Collection, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    old = collection.build(embedder)
    _change(collection, "Only E14 bulbs fit.")

    def crash(*_: object, **__: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(build, step, crash)
        with pytest.raises(OSError, match="power cut"):
            collection.build(embedder)
    assert load_version(collection.root, embedder).version == old

    new = collection.build(embedder)
    assert load_version(collection.root, embedder).version == new != old
    assert not list((collection.root / VERSIONS).glob(".draft-*"))


def test_only_the_last_three_versions_are_kept(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    versions = []
    for number in range(5):
        _change(collection, f"Bulb number {number} fits.")
        versions.append(collection.build(embedder))
    kept = {folder.name for folder in (collection.root / VERSIONS).iterdir()}
    assert len(kept) == 3
    assert versions[-1] in kept


FILES = [
    "documents.jsonl",
    "passages.jsonl",
    "dense.faiss",
    "rows.npy",
    "lexical/vocab.index.json",
    "lexical/data.csc.index.npy",
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_named(
    collection: Collection, embedder: HashingEmbedder, name: str
) -> None:
    collection.build(embedder)
    path = _folder(collection) / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IndexCorrupt) as caught:
        load_version(collection.root, embedder)
    assert caught.value.file == name


def test_a_missing_file_is_named(collection: Collection, embedder: HashingEmbedder) -> None:
    collection.build(embedder)
    (_folder(collection) / "rows.npy").unlink()
    with pytest.raises(IndexCorrupt, match=r"rows\.npy is missing"):
        load_version(collection.root, embedder)


def test_a_damaged_index_is_built_again(collection: Collection, embedder: HashingEmbedder) -> None:
    collection.build(embedder)
    (_folder(collection) / "dense.faiss").write_bytes(b"")
    collection.build(embedder)
    assert load_version(collection.root, embedder).passages


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": 1}', b"\xff"])
def test_a_broken_manifest_is_named(
    collection: Collection, embedder: HashingEmbedder, content: bytes
) -> None:
    collection.build(embedder)
    (_folder(collection) / MANIFEST).write_bytes(content)
    with pytest.raises(IndexCorrupt) as caught:
        load_version(collection.root, embedder)
    assert caught.value.file == MANIFEST


def test_an_index_of_another_layout_is_refused(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    collection.build(embedder)
    path = _folder(collection) / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"format": 99}))
    with pytest.raises(IndexOutdated, match="99"):
        load_version(collection.root, embedder)


@pytest.mark.parametrize("content", ["", "../../etc", "20260101T000000Z-zzzzzzzz"])
def test_current_must_name_a_version(
    collection: Collection, embedder: HashingEmbedder, content: str
) -> None:
    collection.build(embedder)
    (collection.root / CURRENT).write_text(content)
    with pytest.raises(IndexCorrupt) as caught:
        load_version(collection.root, embedder)
    assert caught.value.file == CURRENT


def test_a_vanished_version_is_corrupt_not_a_crash(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    collection.build(embedder)
    shutil.rmtree(_folder(collection))
    with pytest.raises(IndexCorrupt, match="missing"):
        load_version(collection.root, embedder)


def _manifest(collection: Collection) -> dict[str, Any]:
    return dict(json.loads((_folder(collection) / MANIFEST).read_bytes()))


def _rewrite(collection: Collection, manifest: dict[str, Any]) -> None:
    (_folder(collection) / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("kind", IndexKind)
def test_the_kind_that_was_asked_for_is_built_said_and_loaded(
    collection: Collection, embedder: HashingEmbedder, kind: IndexKind
) -> None:
    collection.build(embedder, kind=kind)
    assert _manifest(collection)["dense"] == {"kind": kind, "chosen": "as asked"}
    index = collection.load(embedder)
    assert index.dense.kind is kind
    query = embedder.encode_queries(["shipping time"])[0]
    assert index.passages[index.dense.nearest(query, 1)[0]].document_id == "delivery-en"


def test_without_a_wish_the_manifest_says_what_the_rule_chose(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    collection.build(embedder)
    assert _manifest(collection)["dense"] == {"kind": "flat", "chosen": "by the rule"}


def test_another_kind_is_another_version_and_the_same_again_is_not(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    collection.build(embedder)
    collection.build(embedder, kind=IndexKind.IVF)
    assert collection.load(embedder).dense.kind is IndexKind.IVF
    version = collection.current_version()
    assert collection.build(embedder, kind=IndexKind.IVF) == version
    collection.build(embedder)
    assert collection.load(embedder).dense.kind is IndexKind.FLAT


def test_the_wish_of_the_collection_holds_for_every_build_that_has_none(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    wishing = Collection(collection.root, kind=IndexKind.HNSW)
    wishing.build(embedder)
    assert wishing.load(embedder).dense.kind is IndexKind.HNSW
    wishing.build(embedder, kind=IndexKind.IVF)
    assert wishing.load(embedder).dense.kind is IndexKind.IVF


def test_only_versions_with_cells_are_of_the_layout_that_older_programs_refuse(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    found = {}
    for kind in IndexKind:
        collection.build(embedder, kind=kind)
        found[kind] = _manifest(collection)["format"]
    assert found == {IndexKind.FLAT: 1, IndexKind.HNSW: 1, IndexKind.IVF: 2}


def test_a_version_from_before_there_was_a_choice_loads_and_is_up_to_date(
    collection: Collection, embedder: HashingEmbedder
) -> None:
    version = collection.build(embedder)
    manifest = _manifest(collection)
    del manifest["dense"]
    _rewrite(collection, manifest)
    assert collection.load(embedder).version == version
    assert collection.build(embedder) == version


@pytest.mark.parametrize(("vectors", "kind"), [(50_000, IndexKind.FLAT), (50_001, IndexKind.HNSW)])
def test_the_size_tells_how_an_older_version_is_searched(vectors: int, kind: IndexKind) -> None:
    assert kind_of({"counts": {"vectors": vectors}}) is kind


@pytest.mark.parametrize("dense", [None, {}, {"kind": "tree"}, "flat"])
def test_an_unknown_kind_is_a_damaged_manifest(dense: object) -> None:
    with pytest.raises(IndexCorrupt, match="cannot be read"):
        kind_of({"dense": dense, "counts": {"vectors": 1}})


@pytest.mark.parametrize("kind", IndexKind)
def test_a_large_version_is_mapped_and_finds_the_same(
    collection: Collection,
    embedder: HashingEmbedder,
    kind: IndexKind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collection.build(embedder, kind=kind)
    kb = [KnowledgeBase(collection.load(embedder), embedder, Scorer.default())]
    before = _mapped_files(collection)
    monkeypatch.setattr(index_module, "MAPPED_FROM_BYTES", 0)
    kb.append(KnowledgeBase(collection.load(embedder), embedder, Scorer.default()))
    assert before == set()
    assert "dense.faiss" in _mapped_files(collection)
    assert "data.csc.index.npy" in _mapped_files(collection)
    for query in ("shipping time", "退款几天", "bulb"):
        read, mapped = (each.search(query, hints={"refund": 0.4}) for each in kb)
        assert read == mapped


def test_what_a_vault_opened_elsewhere_is_read_whole(
    collection: Collection,
    embedder: HashingEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Elsewhere(PlainVault):
        @contextmanager
        def opened(self, folder: Path) -> Iterator[Path]:
            shutil.copytree(folder, tmp_path / "opened")
            yield tmp_path / "opened"
            shutil.rmtree(tmp_path / "opened")

    monkeypatch.setattr(index_module, "MAPPED_FROM_BYTES", 0)
    collection.build(embedder, kind=IndexKind.IVF)
    loaded = load_version(collection.root, embedder, vault=Elsewhere())
    assert "/opened/" not in Path("/proc/self/maps").read_text("utf-8")
    assert loaded.dense.size == 5


def _mapped_files(collection: Collection) -> set[str]:
    """Names of the files of this collection that the process has mapped."""
    lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    return {line.rpartition("/")[2] for line in lines if f"{collection.root}/" in line}
