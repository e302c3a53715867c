"""Every IntentModel keeps the same promises."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.fakes import KeywordIntents
from chatbot.generic import OTHER, GenericIntents, NoIntents
from chatbot.intent_home import current_intents
from chatbot.policy import GENERIC_INTENTS
from chatbot.ports import IntentModel
from tests.training.compress.tiny_source import train_source
from tests.training.lexical_model import train_lexical
from training.compress.compression import CompressionOrder, Method, compress_intent

SHIPPED = [pytest.param(runtime, marks=pytest.mark.models) for runtime in ("torch", "onnx")]
LEXICAL = ["lexical torch", "lexical int8"]
SMALLER = [f"{name} {runtime}" for name in ("qat", "prune-0.5") for runtime in ("torch", "int8")]

FAKE = KeywordIntents({"greeting": ["hi", "你好"], "return_window": ["return", "退"]})
TEXTS = ["hi", "怎么退货", "can I return this?", "天气怎么样", "x" * 4000, "<EMAIL_ADDRESS>"]


@pytest.fixture(scope="session")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model that was trained for 8 bits, and one that was pruned."""
    folder = tmp_path_factory.mktemp("smaller")
    order = CompressionOrder(
        model=train_source(folder),
        data=folder / "validation.csv",
        out=folder,
        methods=(Method.QAT, Method.PRUNE),
        train=folder / "train.csv",
        widths=(0.5,),
    )
    compress_intent(order)
    return folder


@pytest.fixture(scope="session")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_lexical(tmp_path_factory.mktemp("lexical"))


@pytest.fixture(params=["keywords", "generic", "none", *SHIPPED, *LEXICAL, *SMALLER])
def model(request: pytest.FixtureRequest) -> IntentModel:
    if request.param == "keywords":
        return FAKE
    if request.param == "generic":
        return GenericIntents(FAKE)
    if request.param == "none":
        return NoIntents()
    if request.param in (*LEXICAL, *SMALLER):
        name, runtime = request.param.split()
        if request.param in LEXICAL:
            folder: Path = request.getfixturevalue("lexical")
        else:
            folder = request.getfixturevalue("smaller") / name
        return TorchIntentModel(folder) if runtime == "torch" else OnnxIntentModel(folder)
    home: Path = request.getfixturevalue("demo_home")
    directory = current_intents(home / "intents", "demo")
    assert directory is not None
    if request.param == "torch":
        return TorchIntentModel(directory)
    return OnnxIntentModel(directory)


def test_one_result_a_text_in_order_with_probabilities(model: IntentModel) -> None:
    results = model.understand(TEXTS)
    assert len(results) == len(TEXTS)
    for result in results:
        assert 0 <= result.confidence <= 1
        assert 0 <= result.out_of_scope <= 1
        shares = [share for _, share in result.ranking]
        assert shares == sorted(shares, reverse=True)
        assert not shares or sum(shares) == pytest.approx(1)
    assert model.understand([]) == []
    assert model.version


def test_a_text_is_understood_alike_alone_and_in_company(model: IntentModel) -> None:
    together = model.understand(TEXTS)
    for text, seen in zip(TEXTS, together, strict=True):
        alone = model.understand([text])[0]
        assert alone.intent == seen.intent
        assert alone.confidence == pytest.approx(seen.confidence, abs=0.1)


def test_several_threads_may_ask_at_once(model: IntentModel) -> None:
    expected = model.understand(["hi"])
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(model.understand(["hi"]))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 6


def test_the_generic_view_shows_no_intent_of_another_company() -> None:
    for result in GenericIntents(FAKE).understand(TEXTS):
        assert {name for name, _ in result.ranking} <= {*GENERIC_INTENTS, OTHER}
