from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chatbot.adapters.intent_scoring import (
    Calibration,
    OutOfScopeRule,
    Scorer,
    out_of_scope_signals,
    softmax,
)

LABELS = ("a", "out_of_scope", "b")
CENTROIDS = np.array([[1.0, 0.0], [0.0, 1.0]])


def _scorer(*, temperature: float = 1.0, threshold: float | None = None) -> Scorer:
    rule = OutOfScopeRule(bias=-1.0, weights={"distance": 4.0})
    return Scorer(LABELS, CENTROIDS, Calibration(temperature, rule, threshold))


def test_the_ranking_leaves_the_out_of_scope_class_out() -> None:
    result = _scorer().read(np.array([[1.0, 9.0, 2.0]]), np.array([[0.0, 2.0]]))[0]
    assert [name for name, _ in result.ranking] == ["b", "a"]
    assert result.confidence == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_a_higher_temperature_makes_less_sure() -> None:
    logits, embeddings = np.array([[3.0, 0.0, 1.0]]), np.array([[1.0, 0.0]])
    sure = _scorer(temperature=1.0).read(logits, embeddings)[0].confidence
    unsure = _scorer(temperature=4.0).read(logits, embeddings)[0].confidence
    assert 0.5 < unsure < sure


def test_the_threshold_decides_from_the_probability_on() -> None:
    logits, embeddings = np.zeros((1, 3)), np.array([[-1.0, -1.0]])
    probability = _scorer().read(logits, embeddings)[0].out_of_scope
    assert _scorer().read(logits, embeddings)[0].intent == "a"
    assert _scorer(threshold=probability).read(logits, embeddings)[0].intent == "out_of_scope"
    above = float(np.nextafter(probability, 1.0))
    assert _scorer(threshold=above).read(logits, embeddings)[0].intent == "a"


@pytest.mark.parametrize(("margin", "ambiguous"), [(None, False), (0.1, False), (0.5, True)])
def test_two_intents_are_ambiguous_up_to_the_margin(margin: float | None, ambiguous: bool) -> None:
    calibration = replace(_scorer().calibration, ambiguity_margin=margin)
    scorer = replace(_scorer(), calibration=calibration)
    logits = np.array([[np.log(0.7), 0.0, np.log(0.3)]])
    assert scorer.read(logits, np.array([[1.0, 0.0]]))[0].ambiguous is ambiguous


def test_what_is_out_of_scope_is_not_ambiguous_too() -> None:
    calibration = replace(_scorer(threshold=0.0).calibration, ambiguity_margin=1.0)
    result = replace(_scorer(), calibration=calibration).read(np.zeros((1, 3)), np.ones((1, 2)))[0]
    assert result.intent == "out_of_scope"
    assert not result.ambiguous


def test_every_signal_grows_away_from_the_intents() -> None:
    logits = np.array([[8.0, 0.0, 0.0], [1.0, 3.0, 1.0]])
    embeddings = np.array([[5.0, 0.0], [1.0, 1.0]])
    signals = out_of_scope_signals(logits, embeddings, LABELS, CENTROIDS)
    assert set(signals) == {"class_margin", "energy", "top_logit", "distance"}
    for values in signals.values():
        assert values[0] < values[1]
    assert signals["distance"] == pytest.approx([0.0, 1 - np.sqrt(0.5)])


def test_a_network_without_that_class_has_no_class_margin() -> None:
    signals = out_of_scope_signals(np.zeros((2, 2)), np.ones((2, 2)), ("a", "b"), CENTROIDS)
    assert "class_margin" not in signals


def test_a_null_embedding_and_huge_logits_stay_finite() -> None:
    result = _scorer().read(np.array([[1e4, -1e4, 0.0]]), np.zeros((1, 2)))[0]
    assert result.confidence == 1.0
    assert 0.0 < result.out_of_scope < 1.0


def test_softmax_rows_sum_to_one() -> None:
    assert softmax(np.array([[1000.0, 0.0], [0.0, 0.0]])).sum(axis=1) == pytest.approx([1.0, 1.0])


def test_no_rows_have_no_results() -> None:
    assert _scorer().read(np.zeros((0, 3)), np.zeros((0, 2))) == []
