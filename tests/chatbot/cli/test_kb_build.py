from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from chatbot.cli import kb
from chatbot.cli.jobs import Tongue
from chatbot.cli.kb_bars import said_of_texts
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


def _said(*arguments: str) -> Result:
    app = typer.Typer()
    kb.register(app)
    result = CliRunner().invoke(app, ["kb", "build", *arguments])
    assert result.exit_code == 0, result.output
    return result


def _built(collection: Collection, *arguments: str) -> IndexKind:
    _said(*arguments)
    return collection.load(HashingEmbedder()).dense.kind


def test_a_build_says_the_version_and_its_stages_in_both_languages(
    collection: Collection,
) -> None:
    english = _said()
    assert f"Built {collection.current_version()}." in english.stdout
    assert "encode" in english.stderr
    collection.merge([Document("e", "Where is the switch?", "On the cable.")])
    chinese = _said("--language", "zh")
    assert f"已建立索引 {collection.current_version()}。" in chinese.stdout
    for stage, name in (("reuse", "复用"), ("encode", "编码"), ("index", "索引")):
        assert name in chinese.stderr
        assert stage not in chinese.stderr


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
    assert said_of_texts("reuse", 1234, 0.1) == "1,234 texts known"
    assert said_of_texts("encode", 512, 2.0) == "256 texts/s"
    assert said_of_texts("reuse", 1234, 0.1, language=Tongue.ZH) == "已有 1,234 条文本"
    assert said_of_texts("encode", 512, 2.0, language=Tongue.ZH) == "每秒 256 条文本"
    assert said_of_texts("encode", 0, 0.0) == said_of_texts("index", 1, 1.0) == ""
