from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chatbot.cli import kb
from knowledge_base.collection import Collection
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.index_kind import IndexKind
from knowledge_base.passages import Document


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Collection:
    monkeypatch.setenv("KEFU_HOME", str(tmp_path))
    monkeypatch.setattr("chatbot.bootstrap.load_embedder", lambda _settings: HashingEmbedder())
    collection = Collection(tmp_path / "collections" / "demo")
    collection.merge([Document("d", "Which bulbs fit?", "E27.")])
    return collection


def _built(collection: Collection, *arguments: str) -> IndexKind:
    app = typer.Typer()
    kb.register(app)
    result = CliRunner().invoke(app, ["kb", "build", *arguments])
    assert result.exit_code == 0, result.output
    return collection.load(HashingEmbedder()).dense.kind


def test_one_build_may_ask_for_another_index_than_the_rule(collection: Collection) -> None:
    assert _built(collection) is IndexKind.FLAT
    assert _built(collection, "--index", "ivf") is IndexKind.IVF


def test_a_build_may_ask_for_another_index_than_the_settings(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_FAISS_INDEX", "hnsw")
    assert _built(collection) is IndexKind.HNSW
    assert _built(collection, "--index", "flat") is IndexKind.FLAT


def test_the_bars_say_how_many_texts_were_known_and_how_fast_others_are_read() -> None:
    assert kb.said_of_texts("reuse", 1234, 0.1) == "1,234 texts known"
    assert kb.said_of_texts("encode", 512, 2.0) == "256 texts/s"
    assert kb.said_of_texts("encode", 0, 0.0) == kb.said_of_texts("index", 1, 1.0) == ""
