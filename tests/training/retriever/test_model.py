from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from chatbot.bootstrap import build
from chatbot.fakes import MemoryStore
from chatbot.retriever_home import (
    E5,
    answer_threshold,
    current_retriever,
    embedder_name,
    load_embedder,
    open_means,
    promote_retriever,
)
from chatbot.settings import Settings
from chatbot.vault_home import collection_of
from knowledge_base.errors import EncoderUnusable, RiskUnknown
from knowledge_base.passages import Document
from knowledge_base.search import KnowledgeBase
from knowledge_base.taught import JUDGEMENT, MANIFEST, PARTS
from tests.tiny_encoder import write_encoder
from tests.training.retriever.conftest import ARTICLES, ASKED, HeardWatch, write_pairs
from training.errors import CorpusInvalid, RetrieverBusy
from training.pairs.reading import Pair
from training.progress import SilentWatch
from training.retrain_tables import Tongue
from training.retriever.alone import only_training
from training.retriever.command import Spoken
from training.retriever.contrastive import EncoderRecipe
from training.retriever.model import RetrieverOrder, RetrieverReport, train_retriever

ENCODER = EncoderRecipe(
    alone=1, epochs=20, questions=18, foreign=4, learning_rate=1e-2, head_learning_rate=1e-2
)
NAME = "bakery"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None)
    write_encoder(settings.encoder_home)
    return settings


@pytest.fixture(scope="module")
def order(settings: Settings, pairs: list[Pair]) -> RetrieverOrder:
    folder = write_pairs(settings.home / "pairs", pairs)
    return RetrieverOrder(settings.retriever_home, folder, ENCODER)


@pytest.fixture(scope="module")
def train(settings: Settings, order: RetrieverOrder) -> Callable[[], RetrieverReport]:
    return lambda: train_retriever(order, models_home=settings.models_home, watch=SilentWatch())


@pytest.fixture(scope="module")
def report(train: Callable[[], RetrieverReport]) -> RetrieverReport:
    return train()


def test_nothing_but_its_parts_is_left_of_a_training(
    settings: Settings, report: RetrieverReport
) -> None:
    written = (settings.retriever_home / report.version).iterdir()
    assert {path.name for path in written} == {*PARTS}
    assert not list(settings.retriever_home.glob("*.draft"))


def test_the_report_tells_how_it_does_on_trades_never_taught(report: RetrieverReport) -> None:
    assert report.trained
    assert set(report.exam) == {"first look", "second look"}
    assert report.exam["first look"]["recall_at_1"] > 0.9
    assert report.exam["second look"]["recall_at_1"] > 0.9


def test_the_same_order_trains_nothing_a_second_time(
    report: RetrieverReport, train: Callable[[], RetrieverReport]
) -> None:
    again = train()
    assert not again.trained
    assert (again.version, again.exam) == (report.version, report.exam)


def test_a_training_that_was_not_finished_serves_nobody(
    settings: Settings, report: RetrieverReport
) -> None:
    manifest = settings.retriever_home / report.version / MANIFEST
    kept = manifest.read_bytes()
    manifest.unlink()
    try:
        with pytest.raises(EncoderUnusable, match="no taught retriever"):
            open_means(settings, embedder_name(report.version))
    finally:
        manifest.write_bytes(kept)


def test_what_was_left_unfinished_is_trained_again(
    settings: Settings, order: RetrieverOrder, report: RetrieverReport
) -> None:
    quick = replace(order, encoder=replace(order.encoder, epochs=1), seed=2)
    heard = HeardWatch()
    watch = Spoken(heard, Tongue.ZH)
    first = train_retriever(quick, models_home=settings.models_home, watch=watch)
    (settings.retriever_home / first.version / MANIFEST).unlink()
    again = train_retriever(quick, models_home=settings.models_home, watch=SilentWatch())
    assert again.trained
    assert again.version == first.version != report.version
    # Every stage has a Chinese name.
    assert heard.stages
    assert not [name for name in heard.stages if name.isascii()]


def test_what_was_damaged_is_trained_again(
    settings: Settings,
    report: RetrieverReport,
    train: Callable[[], RetrieverReport],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judgement = settings.retriever_home / report.version / JUDGEMENT
    kept = judgement.read_bytes()
    monkeypatch.setattr("training.retriever.model.Tower", _begin)
    assert not train().trained
    judgement.write_bytes(b"{")
    try:
        with pytest.raises(_Begun):
            train()
    finally:
        judgement.write_bytes(kept)


class _Begun(Exception):
    """A training that goes no further: it was seen to begin."""


def _begin(*_arguments: object, **_options: object) -> None:
    raise _Begun


def test_while_another_trains_nothing_is_touched(settings: Settings, order: RetrieverOrder) -> None:
    other = replace(order, seed=3)
    with only_training(settings.retriever_home):
        before = sorted(settings.retriever_home.rglob("*"))
        with pytest.raises(RetrieverBusy):
            train_retriever(other, models_home=settings.models_home, watch=SilentWatch())
        assert sorted(settings.retriever_home.rglob("*")) == before


def test_new_indexes_are_built_with_what_was_promoted(
    settings: Settings, report: RetrieverReport
) -> None:
    promote_retriever(settings, report.version)
    assert load_embedder(settings).name == embedder_name(report.version)
    plain = settings.model_copy(update={"retriever": "plain"})
    assert current_retriever(plain) is None
    assert load_embedder(plain).name == E5


def test_the_less_risk_is_allowed_the_less_passes(report: RetrieverReport) -> None:
    risks = [each.risk for each in report.passing]
    assert risks == sorted(risks)
    for least, most in pairwise(report.passing):
        assert least.threshold >= most.threshold
        assert least.answered <= most.answered


def test_a_stated_risk_chooses_the_threshold(settings: Settings, report: RetrieverReport) -> None:
    promote_retriever(settings, report.version)
    assert answer_threshold(settings) == settings.answer_score
    exact, between, none = 0.12, 0.13, 0.001
    threshold = next(each.threshold for each in report.passing if each.risk == exact)
    for risk in (exact, between):
        assert answer_threshold(settings.model_copy(update={"answer_risk": risk})) == threshold
    assert answer_threshold(settings.model_copy(update={"answer_risk": none})) == 1.0


def test_a_risk_without_anything_taught_is_refused(settings: Settings) -> None:
    plain = settings.model_copy(update={"retriever": "plain", "answer_risk": 0.1})
    with pytest.raises(RiskUnknown, match="kefu train retriever"):
        answer_threshold(plain)


def test_a_question_in_the_customers_words_finds_its_article_first(
    settings: Settings, report: RetrieverReport
) -> None:
    promote_retriever(settings, report.version)
    collection = collection_of(settings, NAME)
    collection.merge(
        [
            Document(name, f"what is {heading}", answer, title=heading, language="en")
            for name, (heading, answer) in ARTICLES.items()
        ]
    )
    collection.build(load_embedder(settings))
    assert collection.built_with() == embedder_name(report.version)
    served = build(settings, store=MemoryStore()).desk(NAME).models().retriever
    for name, word in ASKED.items():
        assert served.search(f"my {word}", hints={})[0].passage.document_id == name


def test_where_a_hint_speaks_of_the_first_article_it_is_not_looked_at_again(
    settings: Settings, report: RetrieverReport
) -> None:
    means = open_means(settings, embedder_name(report.version))
    collection = collection_of(settings, "hinted")
    collection.merge(
        [
            Document(name, heading, answer, title=heading, language="en", tags=(name,))
            for name, (heading, answer) in ARTICLES.items()
        ]
    )
    collection.build(means.embedder)
    once, twice = (
        KnowledgeBase(collection.load(means.embedder), means.embedder, means.scorer, second)
        for second in (None, means.second)
    )
    for hints, same in (({"parcel": 0.99}, True), ({}, False)):
        scores = [
            [hit.score for hit in knowledge.search("my box", hints=hints)]
            for knowledge in (once, twice)
        ]
        assert (scores[0] == scores[1]) is same


def test_an_index_goes_on_with_what_it_was_built_with(
    settings: Settings, report: RetrieverReport
) -> None:
    collection = collection_of(settings, "older")
    collection.merge([Document("one", "where is my parcel", "at the courier", language="en")])
    collection.build(load_embedder(settings.model_copy(update={"retriever": "plain"})))
    promote_retriever(settings, report.version)
    served = build(settings, store=MemoryStore()).desk("older").models().retriever
    assert served.search("parcel", hints={})[0].passage.document_id == "one"


@pytest.mark.parametrize(
    ("held", "reason"), [(True, "nothing to learn from"), (False, "no article is of a trade")]
)
def test_pairs_of_one_side_alone_are_refused(
    settings: Settings, pairs: list[Pair], tmp_path: Path, held: bool, reason: str
) -> None:
    one_side = [pair for pair in pairs if (pair.trade in ("bakery", "florist")) is not held]
    order = RetrieverOrder(settings.retriever_home, write_pairs(tmp_path / "pairs", one_side))
    with pytest.raises(CorpusInvalid, match=reason):
        train_retriever(order, models_home=settings.models_home, watch=SilentWatch())
