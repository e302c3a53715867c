"""Versions: written beside each other, swapped in one step, verified when loaded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import knowledge_base.build as build
from knowledge_base.build import build_version
from knowledge_base.collection import Collection
from knowledge_base.errors import (
    CollectionEmpty,
    EmbedderMismatch,
    IndexCorrupt,
    IndexMissing,
    IndexOutdated,
)
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index import CURRENT, MANIFEST, VERSIONS, load_version
from knowledge_base.passages import Document


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
        build_version(tmp_path, [], embedder, progress=lambda *_: None)
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
