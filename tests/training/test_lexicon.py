from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from chatbot.adapters.intent_directory import read_directory
from chatbot.adapters.intent_lexicon import LEXICON, Lexicon
from chatbot.adapters.intent_onnx import OnnxIntentModel
from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.errors import ModelDirectoryInvalid
from tests.tiny_encoder import TOPICS, toy_rows, write_csv, write_encoder, write_recipe
from tests.training.lexical_model import lexical_recipe, long_rows, long_text, train_lexical
from training.explanation import Explainer
from training.intent import TrainingOrder, train_intent
from training.lexicon import choose_scale, fit_lexicon

LABELS = list(TOPICS)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_lexical(tmp_path_factory.mktemp("lexical"))


def _fit(texts: list[str], targets: list[int], labels: int = 2) -> Lexicon:
    return fit_lexicon(texts, np.array(targets, dtype=np.int64), labels=labels)


def test_words_tell_intents_apart() -> None:
    rows = toy_rows(outside=0)
    lexicon = _fit([row.text for row in rows], [LABELS.index(row.intent) for row in rows], 3)
    guesses = lexicon.logits([word for words in TOPICS.values() for word in words]).argmax(axis=1)
    assert guesses.tolist() == [number for number, words in enumerate(LABELS) for _ in range(5)]


def test_chinese_words_tell_intents_apart() -> None:
    lexicon = _fit(["我要退货", "想退货了", "包裹在哪", "包裹到了"], [0, 0, 1, 1])
    assert lexicon.logits(["怎么退货", "我的包裹"]).argmax(axis=1).tolist() == [0, 1]


def test_a_term_of_a_single_row_is_not_learnt() -> None:
    lexicon = _fit(["a x", "a y", "b z", "b w"], [0, 0, 1, 1])
    assert len(lexicon.hashes) == 2
    assert not lexicon.logits(["x y z w"]).any()


def test_rows_that_are_no_label_teach_nothing() -> None:
    texts, targets = ["a", "a", "b", "b"], [0, 0, 1, 1]
    plain = _fit(texts, targets)
    more = _fit([*texts, "c", "c"], [*targets, -1, -1])
    assert np.array_equal(plain.weights, more.weights)


def test_rows_without_a_common_word_give_a_lexicon_that_adds_nothing() -> None:
    assert not _fit(["a", "b", "", "c"], [0, 0, 1, 1]).logits(["a", "b"]).any()


def test_words_count_where_the_network_errs_and_not_where_they_do() -> None:
    random = np.random.default_rng(0)
    targets = random.integers(0, 3, 300)
    telling, noise = (
        np.eye(3)[targets] + random.normal(0, 0.4, (300, 3)),
        random.normal(0, 1, (300, 3)),
    )
    assert choose_scale(noise, telling, targets) > choose_scale(telling, noise, targets)
    assert choose_scale(telling, np.zeros((300, 3)), targets) == 0.0


def test_two_views_of_one_thing_are_worth_more_than_either() -> None:
    random = np.random.default_rng(0)
    targets = random.integers(0, 3, 2000)
    network, words = (np.eye(3)[targets] + random.normal(0, 0.7, (2000, 3)) for _ in range(2))
    joined = network + choose_scale(network, 5 * words, targets) * 5 * words
    right = [float(np.mean(logits.argmax(axis=1) == targets)) for logits in (network, words)]
    assert np.mean(joined.argmax(axis=1) == targets) > max(right) + 0.03


def test_the_scale_does_not_hang_on_the_unit_of_either_part() -> None:
    random = np.random.default_rng(0)
    targets = random.integers(0, 3, 500)
    network, words = (np.eye(3)[targets] + random.normal(0, 0.7, (500, 3)) for _ in range(2))
    plain = choose_scale(network, words, targets)
    assert choose_scale(network, 10 * words, targets) == pytest.approx(plain / 10, rel=1e-2)
    assert choose_scale(3 * network, words, targets) == pytest.approx(3 * plain, rel=1e-2)


def test_a_word_behind_all_that_the_network_reads_decides(model: Path) -> None:
    for served in (TorchIntentModel(model), OnnxIntentModel(model)):
        for intent, words in TOPICS.items():
            results = served.understand([long_text(word) for word in words])
            assert [result.ranking[0][0] for result in results] == [intent] * len(words)


def test_torch_and_onnx_say_nearly_the_same(model: Path) -> None:
    texts = [row.text for row in (*long_rows(6), *toy_rows(3, outside=3))]
    exact, rounded = (kind(model).understand(texts) for kind in (TorchIntentModel, OnnxIntentModel))
    for one, other in zip(exact, rounded, strict=True):
        assert one.ranking[0][0] == other.ranking[0][0]
        assert one.confidence == pytest.approx(other.confidence, abs=0.1)


def test_the_file_of_words_is_part_of_the_model(model: Path, tmp_path: Path) -> None:
    manifest = json.loads((model / "manifest.json").read_text())
    assert LEXICON in manifest["files"]
    assert manifest["recipe"]["lexical"] is True
    assert manifest["metrics"]["lexical_scale"] > 0
    copy = Path(shutil.copytree(model, tmp_path / "copy"))
    (copy / LEXICON).unlink()
    with pytest.raises(ModelDirectoryInvalid, match=f"{LEXICON} is missing"):
        TorchIntentModel(copy)


def test_a_file_of_words_that_the_manifest_does_not_list_is_not_read(
    model: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(model, tmp_path / "copy"))
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["files"][LEXICON]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert read_directory(copy).scorer.lexicon is None


def test_a_recipe_without_words_writes_no_file_of_them(tmp_path: Path) -> None:
    order = TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows(6, outside=6)),
        out=tmp_path / "model",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=write_recipe(tmp_path / "recipe.toml"),
        epochs=1,
    )
    report = train_intent(order, models_home=tmp_path)
    assert not (order.out / LEXICON).exists()
    assert "lexical_scale" not in report.metrics


def test_after_a_rehearsal_the_words_of_all_rows_are_learnt(tmp_path: Path) -> None:
    recipe = lexical_recipe(tmp_path / "recipe.toml")
    recipe.write_text(recipe.read_text().replace("few_shot_examples = 3", "few_shot_examples = 99"))
    rows = long_rows()
    order = TrainingOrder(
        data=write_csv(tmp_path / "train.csv", rows),
        out=tmp_path / "model",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=recipe,
        epochs=1,
    )
    report = train_intent(order, models_home=tmp_path)
    lexicon = read_directory(order.out).scorer.lexicon
    assert lexicon is not None
    assert lexicon.scale == report.metrics["lexical_scale"]
    labels = read_directory(order.out).scorer.labels
    targets = np.array([labels.index(row.intent) for row in rows])
    everything = fit_lexicon([row.text for row in rows], targets, labels=len(labels))
    assert np.array_equal(lexicon.weights, everything.weights)


def test_a_lexical_model_does_not_read_logits_without_their_texts(model: Path) -> None:
    scorer = read_directory(model).scorer
    logits, embeddings = np.zeros((1, len(scorer.labels))), np.ones((1, 32))
    with pytest.raises(ValueError, match="reads the texts"):
        scorer.read(logits, embeddings)
    assert len(scorer.read(logits, embeddings, ["refund"])) == 1


def test_an_explanation_credits_words_that_only_the_lexical_part_reads(model: Path) -> None:
    text = long_text("refund")
    explanation = Explainer(model).explain(text)
    served = TorchIntentModel(model).understand([text])[0]
    assert explanation.lexical
    assert explanation.figures()["lexical"] is True
    assert explanation.intent == served.ranking[0][0] == "refund"
    assert explanation.understanding.confidence == pytest.approx(served.confidence, abs=1e-5)
    assert abs(explanation.gap) < 0.05
    strongest = max(explanation.words, key=lambda word: word.score)
    assert (strongest.token, strongest.end) == ("refund", len(text))
    assert strongest.start > explanation.read_to
