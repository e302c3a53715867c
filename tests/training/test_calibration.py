from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from chatbot.adapters.intent_scoring import Floats, softmax
from training.calibration import (
    choose_margin,
    choose_threshold,
    fit_out_of_scope,
    fit_temperature,
)
from training.evaluation.metrics import auroc, expected_calibration_error

ROWS = 2000


def _overconfident(factor: float) -> tuple[Floats, NDArray[np.int64]]:
    """Labels drawn from honest logits, which are then multiplied."""
    random = np.random.default_rng(1)
    logits = random.normal(0.0, 2.0, (ROWS, 5))
    targets = np.array([random.choice(5, p=row) for row in softmax(logits)])
    return logits * factor, targets


@pytest.mark.parametrize("factor", [0.3, 1.0, 4.0])
def test_the_temperature_undoes_what_made_the_logits_too_sure_or_unsure(factor: float) -> None:
    logits, targets = _overconfident(factor)
    assert fit_temperature(logits, targets) == pytest.approx(factor, rel=0.1)


def test_calibration_lowers_the_calibration_error() -> None:
    logits, targets = _overconfident(4.0)
    right = logits.argmax(axis=1) == targets
    raw = expected_calibration_error(right, softmax(logits).max(axis=1))
    divided = logits / fit_temperature(logits, targets)
    calibrated = expected_calibration_error(right, softmax(divided).max(axis=1))
    assert raw is not None
    assert calibrated is not None
    assert calibrated < raw / 3


def test_without_rows_the_temperature_changes_nothing() -> None:
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, dtype=np.int64)) == 1.0


def _signals(
    inside: int, outside: int
) -> tuple[dict[str, Floats], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    random = np.random.default_rng(2)
    far = np.array([False] * inside + [True] * outside)
    return {
        "distance": random.normal(0.3, 0.1, len(far)) + 0.5 * far,
        "noise": random.normal(0.0, 5.0, len(far)),
    }, far


def test_the_rule_learns_which_signal_tells_outside_from_inside() -> None:
    signals, outside = _signals(300, 100)
    rule = fit_out_of_scope(signals, outside)
    score = auroc(outside, rule.probability(signals))
    assert score is not None
    assert score > 0.98
    assert rule.weights["distance"] > 10 * abs(rule.weights["noise"])


def test_without_outside_rows_the_usual_is_improbable_and_the_far_is_probable() -> None:
    signals, outside = _signals(300, 0)
    rule = fit_out_of_scope(signals, outside)
    probabilities = rule.probability(signals)
    assert np.median(probabilities) == pytest.approx(0.05, abs=0.01)
    assert np.mean(probabilities >= 0.5) == pytest.approx(0.05, abs=0.01)
    far = {"distance": np.array([1.5]), "noise": np.array([0.0])}
    assert rule.probability(far)[0] > 0.95


def test_without_any_rows_nothing_is_out_of_scope() -> None:
    rule = fit_out_of_scope({"distance": np.zeros(0)}, np.zeros(0, dtype=bool))
    assert rule.probability({"distance": np.array([0.9])})[0] < 0.5


def test_the_threshold_turns_away_no_more_of_the_in_scope_rows_than_allowed() -> None:
    random = np.random.default_rng(3)
    outside = np.arange(ROWS) % 4 == 0
    probabilities = random.random(ROWS) * 0.7 + 0.3 * outside
    threshold = choose_threshold(probabilities, outside, largest_rejected_share=0.05)
    assert threshold is not None
    assert np.mean(probabilities[~outside] >= threshold) <= 0.05
    assert np.mean(probabilities[outside] >= threshold) > 0.2


def test_a_clear_gap_is_cut_in_its_middle() -> None:
    probabilities = np.array([0.1] * 20 + [0.9] * 20)
    outside = probabilities > 0.5
    threshold = choose_threshold(probabilities, outside, largest_rejected_share=0.05)
    assert threshold == pytest.approx(0.5)


@pytest.mark.parametrize("rare", [4, 40])
def test_in_scope_rows_are_spent_where_an_even_chance_would_find_few_outside(rare: int) -> None:
    random = np.random.default_rng(5)
    outside = np.arange(ROWS) % rare == 0
    probabilities = random.random(ROWS) * 0.4 + 0.15 * outside
    thresholds = [
        choose_threshold(probabilities, outside, largest_rejected_share=0.05, spendable_share=share)
        for share in (0.0, 0.02)
    ]
    even, spent = (np.asarray(cut, dtype=float) for cut in thresholds)
    assert np.mean(probabilities[~outside] >= spent) == pytest.approx(0.02, abs=0.005)
    assert np.mean(probabilities[outside] >= spent) > np.mean(probabilities[outside] >= even)


def test_no_row_is_spent_where_an_even_chance_turns_away_more_already() -> None:
    outside = np.arange(ROWS) % 4 == 0
    probabilities = np.random.default_rng(3).random(ROWS) * 0.52 + 0.3 * outside
    kept = choose_threshold(probabilities, outside, largest_rejected_share=0.05)
    assert kept == choose_threshold(
        probabilities, outside, largest_rejected_share=0.05, spendable_share=0.01
    )


def test_without_outside_rows_there_is_no_threshold() -> None:
    outside = np.zeros(50, dtype=bool)
    assert choose_threshold(np.linspace(0, 1, 50), outside, largest_rejected_share=0.05) is None


def test_a_threshold_from_in_scope_rows_alone_turns_away_the_share_it_may() -> None:
    inside = np.zeros(1000, dtype=bool)
    probabilities = np.random.default_rng(4).random(1000) * 0.4
    threshold = choose_threshold(
        probabilities, inside, largest_rejected_share=0.05, reject_unseen=True
    )
    assert threshold is not None
    assert threshold < 0.5
    assert np.mean(probabilities >= threshold) == pytest.approx(0.05, abs=0.002)


def _leads(wrong: int, right: int) -> tuple[Floats, NDArray[np.int64]]:
    """`wrong` rows with a small lead and the wrong intent in front, `right` with a large one."""
    leads = np.concatenate([np.linspace(0.01, 0.1, wrong), np.linspace(0.5, 0.9, right)])
    table = np.stack([0.5 + leads / 2, 0.5 - leads / 2], axis=1)
    return table, np.array([1] * wrong + [0] * right)


def test_the_margin_takes_in_the_rows_that_are_often_wrong_and_no_others() -> None:
    table, targets = _leads(10, 90)
    margin = choose_margin(table, targets, largest_ambiguous_share=0.5, ambiguous_error=0.9)
    assert margin is not None
    assert 0.1 - 1e-9 <= margin < 0.55


def test_the_margin_takes_in_no_more_rows_than_allowed() -> None:
    table, targets = _leads(10, 90)
    margin = choose_margin(table, targets, largest_ambiguous_share=0.05, ambiguous_error=0.3)
    assert margin is not None
    assert np.sum(table[:, 0] - table[:, 1] <= margin) == 5


def test_rows_of_an_equal_lead_are_ambiguous_together_or_not_at_all() -> None:
    table = np.full((20, 2), 0.5)
    targets = np.ones(20, dtype=np.int64)
    assert choose_margin(table, targets, largest_ambiguous_share=0.5, ambiguous_error=0.3) is None


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_network_that_is_right_is_never_ambiguous(share: float) -> None:
    table, targets = _leads(0, 50)
    assert choose_margin(table, targets, largest_ambiguous_share=share, ambiguous_error=0.3) is None
