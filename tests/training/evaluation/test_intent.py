from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.conversation import Understanding
from chatbot.fakes import KeywordIntents
from training.corpus import Corpus, Utterance
from training.errors import CorpusInvalid
from training.evaluation.intent import check_intents, evaluate_intent, report

KEYS = set(
    "n accuracy macro_f1 in_scope_accuracy in_scope_accuracy_at_threshold "
    "oos_recall oos_precision oos_auroc ece "
    "latency_ms_p50 latency_ms_p95 per_intent per_language "
    "reliability risk_coverage most_confused".split()
)


def _result(intent: str, best: str, confidence: float, outside: float) -> Understanding:
    rest = "b" if best == "a" else "a"
    return Understanding(intent, confidence, outside, ((best, confidence), (rest, 1 - confidence)))


ROWS = [
    Utterance("1", "a", "en"),
    Utterance("2", "b", "en"),
    Utterance("3", "b", "zh"),
    Utterance("4", "out_of_scope", "zh"),
]
RESULTS = [
    _result("a", "a", 0.9, 0.1),
    _result("a", "a", 0.6, 0.2),
    _result("out_of_scope", "b", 0.8, 0.7),
    _result("out_of_scope", "a", 0.5, 0.6),
]


def test_the_report_tells_the_label_from_the_best_intent() -> None:
    figures = report(ROWS, RESULTS)
    assert figures["n"] == 4
    assert figures["accuracy"] == 0.5  # 1 and 4
    assert figures["in_scope_accuracy"] == pytest.approx(2 / 3)  # 1 and 3
    # 3 was turned away.
    assert figures["in_scope_accuracy_at_threshold"] == pytest.approx(1 / 3)
    assert figures["oos_recall"] == 1.0
    assert figures["oos_precision"] == 0.5
    assert figures["oos_auroc"] == pytest.approx(2 / 3)
    assert figures["ece"] == pytest.approx((0.1 + 0.6 + 0.2) / 3)


def test_each_language_has_its_own_figures() -> None:
    languages = report(ROWS, RESULTS)["per_language"]
    assert languages["en"] == {"n": 2, "accuracy": 0.5, "oos_auroc": None}
    assert languages["zh"] == {"n": 2, "accuracy": 0.5, "oos_auroc": 0.0}


def test_without_out_of_scope_rows_their_figures_are_null() -> None:
    figures = report(ROWS[:3], RESULTS[:3])
    assert [figures[name] for name in ("oos_recall", "oos_precision", "oos_auroc")] == [None] * 3


def test_an_evaluation_has_every_promised_key_and_reports_its_progress() -> None:
    model = KeywordIntents({"a": ["one"], "b": ["two"]})
    done: list[int] = []
    rows = [Utterance("one", "a", "en"), Utterance("two", "b", "en")]
    evaluation = evaluate_intent(model, rows, advance=done.append)
    figures = evaluation.figures
    assert [result.intent for result in evaluation.results] == ["a", "b"]
    assert set(figures) == KEYS
    assert figures["accuracy"] == 1.0
    assert 0 <= figures["latency_ms_p50"] <= figures["latency_ms_p95"]
    assert sum(done) == 4


def test_an_intent_the_model_never_learned_is_named_with_its_line() -> None:
    model = KeywordIntents({"a": ["one"]})
    corpus = Corpus(
        Path("t.csv"), (Utterance("?", "out_of_scope"), Utterance("x", "z", "", 3)), (), ""
    )
    with pytest.raises(
        CorpusInvalid, match=r"t\.csv, line 3: the model does not know the intent 'z'"
    ):
        check_intents(corpus, model)
