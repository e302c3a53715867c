from __future__ import annotations

import json

import pytest

from chatbot.fakes import KeywordIntents
from training.corpus import Utterance
from training.evaluation.intent import evaluate_intent, understand_all
from training.evaluation.rivalry import Rivalry, face_off

ROWS = [
    Utterance("one", "a", "en"),
    Utterance("two", "b", "en"),
    Utterance("two", "b", "en"),
    Utterance("new", "c", "en"),
]


@pytest.fixture
def rivalry() -> Rivalry:
    mine = KeywordIntents({"a": ["one"], "b": ["two"], "c": ["new"]})
    other = KeywordIntents({"a": ["one"], "b": ["nothing"]})
    answers = understand_all(other, ROWS)
    return face_off(evaluate_intent(mine, ROWS), other, answers)


def test_rows_of_intents_the_other_was_never_taught_are_left_out(rivalry: Rivalry) -> None:
    assert rivalry.left_out == 1
    assert rivalry.test.n == 3
    assert (rivalry.test.won, rivalry.test.lost) == (2, 0)
    assert rivalry.accuracy == pytest.approx(1 / 3)


def test_its_figures_are_plain_json(rivalry: Rivalry) -> None:
    figures = json.loads(json.dumps(rivalry.figures(), allow_nan=False))
    assert figures["mcnemar_p"] == pytest.approx(0.5)
    assert figures["significant"] is False
    assert figures["interval"][0] <= figures["difference"] <= figures["interval"][1]
