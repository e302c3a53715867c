"""Which training new indexes are built with, and what is said where it is not whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.bootstrap import build
from chatbot.fakes import MemoryStore
from chatbot.retriever_home import (
    CURRENT,
    current_retriever,
    embedder_name,
    load_embedder,
    open_means,
    promote_retriever,
    taught_means,
)
from chatbot.settings import Settings
from chatbot.vault_home import collection_of
from knowledge_base.errors import RetrieverMissing
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.late import HEAD
from knowledge_base.passages import Document
from knowledge_base.taught import JUDGEMENT, MANIFEST, SCORER
from tests.conftest import call_kefu
from tests.taught_retriever import VERSION, TaughtEmbedder, write_retriever

LAMP = Document("lamp", "Which bulbs fit?", "Every lamp takes an E27 bulb.", language="en")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path, _env_file=None)
    write_retriever(settings.retriever_home)
    return settings


def point_at(settings: Settings, content: bytes) -> None:
    (settings.retriever_home / CURRENT).write_bytes(content)


def test_a_finished_training_is_current_once_it_is_promoted(settings: Settings) -> None:
    assert current_retriever(settings) is None
    promote_retriever(settings, VERSION)
    assert current_retriever(settings) == VERSION
    assert current_retriever(settings.model_copy(update={"retriever": "plain"})) is None


def test_a_training_that_is_not_whole_is_not_promoted(settings: Settings) -> None:
    (settings.retriever_home / VERSION / SCORER).unlink()
    with pytest.raises(RetrieverMissing, match=f"{SCORER} is missing"):
        promote_retriever(settings, VERSION)
    assert current_retriever(settings) is None


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b".", b"..", b"a/b", b"v" * 999])
def test_a_pointer_that_names_no_version_is_said(settings: Settings, content: bytes) -> None:
    point_at(settings, content)
    with pytest.raises(RetrieverMissing, match=r"CURRENT (names no version|cannot be read)"):
        current_retriever(settings)


def test_a_pointer_to_another_folder_than_a_version_is_not_followed(settings: Settings) -> None:
    write_retriever(settings.home, "elsewhere")
    draft = write_retriever(settings.retriever_home, f".{VERSION}.draft")
    for name in ("../elsewhere", str(settings.home / "elsewhere"), draft.name):
        point_at(settings, name.encode())
        with pytest.raises(RetrieverMissing, match="CURRENT names no version"):
            current_retriever(settings)


def test_a_folder_in_the_place_of_the_pointer_is_said(settings: Settings) -> None:
    (settings.retriever_home / CURRENT).mkdir()
    with pytest.raises(RetrieverMissing, match="CURRENT cannot be read"):
        current_retriever(settings)


@pytest.mark.parametrize("part", [MANIFEST, JUDGEMENT])
def test_a_pointer_to_a_training_that_is_not_whole_names_what_is_missing(
    settings: Settings, part: str
) -> None:
    promote_retriever(settings, VERSION)
    (settings.retriever_home / VERSION / part).unlink()
    with pytest.raises(RetrieverMissing, match=f"names {VERSION}, of which {part} is missing"):
        load_embedder(settings)


@pytest.mark.parametrize("part", [SCORER, JUDGEMENT, HEAD])
def test_a_damaged_part_is_named_with_what_to_do(settings: Settings, part: str) -> None:
    folder = settings.retriever_home / VERSION
    (folder / part).write_bytes(b"{")
    with pytest.raises(RetrieverMissing, match=f"(?s){part}.*run `kefu train retriever`"):
        taught_means(folder, TaughtEmbedder())


def test_a_damaged_encoder_is_no_model_to_be_pulled_again(settings: Settings) -> None:
    with pytest.raises(RetrieverMissing, match="run `kefu train retriever`"):
        open_means(settings, embedder_name(VERSION))


def test_a_bad_pointer_stops_no_index_of_the_plain_encoder(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = HashingEmbedder()
    monkeypatch.setattr("chatbot.bootstrap.load_plain_embedder", lambda _settings: plain)
    collection = collection_of(settings, "demo")
    collection.merge([LAMP])
    collection.build(plain)
    point_at(settings, b"gone")
    served = build(settings, store=MemoryStore()).desk("demo").models().retriever
    assert served.search("bulbs", hints={})[0].passage.document_id == "lamp"


def test_a_search_says_in_one_sentence_that_the_judgement_vanished(settings: Settings) -> None:
    collection = collection_of(settings, "demo")
    collection.merge([LAMP])
    collection.build(TaughtEmbedder())
    (settings.retriever_home / VERSION / JUDGEMENT).unlink()
    result = call_kefu("kb", "search", "bulbs", home=settings.home)
    assert result.returncode == 1
    (sentence,) = [line for line in result.stderr.splitlines() if line.startswith("kefu: ")]
    assert f"{JUDGEMENT} is missing" in sentence
    assert "Traceback" not in result.stderr


def test_a_build_says_in_one_sentence_that_the_current_training_is_gone(
    settings: Settings,
) -> None:
    collection_of(settings, "demo").merge([LAMP])
    point_at(settings, b"gone")
    result = call_kefu("kb", "build", home=settings.home)
    assert result.returncode == 1
    assert "CURRENT names gone" in result.stderr
    assert "Traceback" not in result.stderr
