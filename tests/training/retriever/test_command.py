"""`kefu train retriever` in both languages; what it trains is another test's matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from chatbot.settings import Settings
from chatbot.vault_home import collection_of
from knowledge_base.fakes import HashingEmbedder
from knowledge_base.passages import Document
from knowledge_base.taught import Passing
from tests.conftest import call_kefu
from tests.taught_retriever import VERSION, write_retriever
from tests.tiny_encoder import write_encoder
from tests.training.retriever.conftest import HeardWatch, write_pairs
from training.pairs.reading import Pair
from training.retrain_tables import Tongue
from training.retriever.alone import only_training
from training.retriever.command import Spoken
from training.retriever.model import RetrieverReport

FIGURES = {"recall_at_1": 0.5, "recall_at_3": 0.75, "auroc": 0.8}
REPORT = RetrieverReport(
    VERSION,
    trained=True,
    articles=1316,
    questions=11968,
    exam={"first look": FIGURES, "of another version": FIGURES},
    passing=(Passing(0.05, 0.6, 0.7),),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = Settings(home=tmp_path, _env_file=None)
    write_retriever(settings.retriever_home)
    collection_of(settings, "demo").merge([Document("d", "Which bulbs fit?", "E27.")])
    monkeypatch.setattr("chatbot.retriever_home.load_embedder", lambda _: HashingEmbedder())
    return tmp_path


@pytest.fixture
def train(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CompletedProcess[str]]:
    def run(*arguments: str, report: RetrieverReport = REPORT) -> CompletedProcess[str]:
        monkeypatch.setattr("training.retriever.model.train_retriever", lambda *_, **__: report)
        return call_kefu("train", "retriever", *arguments, home=home)

    return run


def test_what_was_taught_is_promoted_and_every_collection_indexed(
    home: Path, train: Callable[..., CompletedProcess[str]]
) -> None:
    result = train()
    assert result.returncode == 0, result.stderr
    assert "Taught by 11,968 questions about 1,316 articles." in result.stderr
    assert "Indexing demo." in result.stderr
    for word in ("on trades never taught", "first look", "at most 5 %", "of answerable pass"):
        assert word in result.stdout
    assert (home / "retriever" / "CURRENT").read_text() == f"{VERSION}\n"
    assert (home / "collections" / "demo" / "CURRENT").is_file()


def test_all_of_it_is_said_in_chinese(train: Callable[..., CompletedProcess[str]]) -> None:
    result = train("--language", "zh")
    assert result.returncode == 0, result.stderr
    for word in ("已用 1,316 篇文章的 11,968 个问题训练完成", "为知识库 demo 建立索引", "编码"):
        assert word in result.stderr
    for word in ("未学过的行业", "初检", "不超过 5 %", "可答问题通过率", "of another version"):
        assert word in result.stdout
    assert "first look" not in result.stdout


@pytest.mark.parametrize(
    ("language", "said"), [("en", "it is there already"), ("zh", "无需再训练")]
)
def test_what_is_there_already_is_said(
    train: Callable[..., CompletedProcess[str]], language: str, said: str
) -> None:
    result = train("--language", language, report=replace(REPORT, trained=False))
    assert f"{VERSION}" in result.stderr
    assert said in result.stderr


def test_a_second_training_is_refused_in_one_sentence(home: Path, pairs: list[Pair]) -> None:
    settings = Settings(home=home, _env_file=None)
    write_encoder(settings.encoder_home)
    words = ("train", "retriever", "--pairs", write_pairs(home / "pairs", pairs))
    with only_training(settings.retriever_home):
        result = call_kefu(*words, home=home)
    assert result.returncode == 1
    assert "kefu: The retriever is being trained by another process" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_watch_hears_stages_and_notes_in_chinese() -> None:
    heard = HeardWatch()
    watch = Spoken(heard, Tongue.ZH)
    watch.stage("Encoder", 3)
    watch.advance(note="loss 0.12")
    watch.advance()
    watch.stage("Unheard of", 1)
    assert heard.stages == ["编码器", "Unheard of"]
    assert heard.notes == ["损失 0.12", ""]
