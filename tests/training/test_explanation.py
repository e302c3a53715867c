from __future__ import annotations

import json
from pathlib import Path
from statistics import mean

import pytest

from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.errors import ModelDirectoryInvalid
from tests.tiny_encoder import TOPICS, toy_rows, write_csv, write_encoder, write_recipe
from training.errors import IntentUnknown, NothingToExplain, WeightsMissing
from training.explanation import Explainer
from training.explanation_command import coloured
from training.intent import TrainingOrder, train_intent

TEXT = "  my parcel,  please: refund!"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained")
    order = TrainingOrder(
        data=write_csv(folder / "train.csv", toy_rows()),
        out=folder / "model",
        base=str(write_encoder(folder / "tiny")),
        recipe=write_recipe(folder / "recipe.toml"),
        epochs=20,
    )
    train_intent(order, models_home=folder)
    return order.out


@pytest.fixture(scope="module")
def explainer(model: Path) -> Explainer:
    return Explainer(model)


@pytest.mark.parametrize("intent", [None, "refund", "login", "out_of_scope"])
def test_the_words_add_up_to_what_the_text_changes(
    explainer: Explainer, intent: str | None
) -> None:
    explanation = explainer.explain(TEXT, intent)
    assert abs(explanation.gap) < 0.01
    assert explanation.score != explanation.baseline
    total = sum(word.score for word in explanation.words)
    assert total == pytest.approx(explanation.score - explanation.baseline, abs=0.01)


def test_more_steps_leave_a_smaller_gap(explainer: Explainer) -> None:
    coarse, fine = (explainer.explain(TEXT, steps=steps) for steps in (2, 32))
    assert abs(fine.gap) < abs(coarse.gap)


def test_words_stand_where_they_say(explainer: Explainer) -> None:
    words = explainer.explain(TEXT).words
    assert [word.token for word in words] == ["my", "parcel", ",", "please", ":", "refund", "!"]
    assert all(TEXT[word.start : word.end] == word.token for word in words)


def test_the_words_that_give_an_intent_away_speak_for_it_more_than_fillers(
    explainer: Explainer,
) -> None:
    telling, fillers = [], []
    for row in toy_rows(5, outside=0):
        for word in explainer.explain(row.text, row.intent).words:
            (telling if word.token in TOPICS[row.intent] else fillers).append(word.score)
    assert len(telling) == 15
    assert mean(telling) > 2 * mean(fillers)
    assert mean(telling) > 0


def test_it_explains_what_the_served_model_says(model: Path, explainer: Explainer) -> None:
    served = TorchIntentModel(model).understand([TEXT])[0]
    explained = explainer.explain(TEXT)
    assert explained.understanding.intent == served.intent
    assert explained.understanding.confidence == pytest.approx(served.confidence, abs=1e-5)
    assert explained.intent == served.ranking[0][0]
    assert explained.version == TorchIntentModel(model).version


def test_json_holds_lists_of_token_start_end_and_score(explainer: Explainer) -> None:
    figures = json.loads(json.dumps(explainer.explain(TEXT).figures(), allow_nan=False))
    token, start, end, score = figures["tokens"][1]
    assert (token, start, end) == ("parcel", 5, 11)
    assert isinstance(score, float)
    assert figures["completeness_gap"] == pytest.approx(0.0, abs=0.01)


def test_a_long_text_says_how_far_it_was_read(explainer: Explainer) -> None:
    explanation = explainer.explain("parcel " * 300)
    assert explanation.read_to == 126 * 7 - 1
    assert len(explanation.words) == 126


@pytest.mark.parametrize("shades", [True, False])
def test_colours_change_nothing_in_the_text_and_tell_for_from_against(
    explainer: Explainer, shades: bool
) -> None:
    explanation = explainer.explain("[bold] my parcel [/bold]", "parcel")
    shown = coloured(explanation, shades=shades)
    assert shown.plain == explanation.text
    styles = {(span.start, span.end): str(span.style) for span in shown.spans}
    strongest = max(explanation.words, key=lambda word: abs(word.score))
    for_it, against = ("26,127,55", "179,38,30") if shades else ("green", "red")
    expected = for_it if strongest.score > 0 else against
    assert expected in styles[strongest.start, strongest.end]


def test_an_empty_text_cannot_be_explained(explainer: Explainer) -> None:
    with pytest.raises(NothingToExplain, match="empty"):
        explainer.explain(" \n ")


def test_an_unknown_intent_is_named_with_those_that_are_like_it(explainer: Explainer) -> None:
    with pytest.raises(IntentUnknown, match="never taught the intent 'refunds': did you mean ref"):
        explainer.explain(TEXT, "refunds")
    with pytest.raises(IntentUnknown, match="it knows 4 others"):
        explainer.explain(TEXT, "zzz")


def test_a_model_without_torch_weights_and_a_folder_without_model_are_told_apart(
    tmp_path: Path,
) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(WeightsMissing, match="holds no torch weights"):
        Explainer(tmp_path)
    with pytest.raises(ModelDirectoryInvalid, match="no such directory"):
        Explainer(tmp_path / "nothing")
