from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation import metrics

GOLD = ["a", "a", "b", "c"]
PREDICTED = ["a", "b", "b", "b"]


def test_accuracy_counts_the_equal() -> None:
    assert metrics.accuracy(GOLD, PREDICTED) == 0.5


def test_macro_f1_weighs_every_intent_alike() -> None:
    assert metrics.macro_f1(GOLD, PREDICTED) == pytest.approx((2 / 3 + 0.5 + 0.0) / 3)


def test_per_intent_has_precision_recall_f1_and_count() -> None:
    row = metrics.per_intent(GOLD, PREDICTED)["b"]
    assert row == {"precision": pytest.approx(1 / 3), "recall": 1.0, "f1": 0.5, "n": 1}


def test_recall_and_precision_of_an_intent_nobody_saw_are_undefined() -> None:
    assert metrics.recall(GOLD, PREDICTED, "d") is None
    assert metrics.precision(GOLD, PREDICTED, "d") is None
    assert metrics.precision(GOLD, PREDICTED, "b") == pytest.approx(1 / 3)


def test_nothing_has_no_figures() -> None:
    assert metrics.accuracy([], []) is None
    assert metrics.macro_f1([], []) is None
    assert metrics.expected_calibration_error([], []) is None


def test_auroc_is_the_chance_that_a_positive_scores_higher() -> None:
    assert metrics.auroc([True, True, False], [0.9, 0.4, 0.5]) == 0.5
    assert metrics.auroc([True, True], [0.9, 0.4]) is None


def test_sure_and_right_has_no_calibration_error_and_sure_and_wrong_has_it_all() -> None:
    assert metrics.expected_calibration_error([True, True], [1.0, 1.0]) == 0.0
    assert metrics.expected_calibration_error([False], [1.0]) == 1.0


def test_a_bin_is_judged_as_a_whole() -> None:
    correct = [True] * 7 + [False] * 3
    assert metrics.expected_calibration_error(correct, [0.7] * 10) == pytest.approx(0.0)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1))
def test_the_calibration_error_is_a_share(rows: list[tuple[bool, float]]) -> None:
    correct, confidence = np.array(rows, dtype=float).T
    error = metrics.expected_calibration_error(correct, confidence)
    assert error is not None
    assert 0.0 <= error <= 1.0


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1))
def test_every_row_is_in_the_bin_of_its_confidence(rows: list[tuple[bool, float]]) -> None:
    bins = metrics.reliability([right for right, _ in rows], [sure for _, sure in rows])
    assert sum(b.n for b in bins) == len(rows)
    assert all(b.low - 1e-9 <= b.confidence <= b.high + 1e-9 for b in bins)
    right = sum(b.n * b.accuracy for b in bins)
    assert right == pytest.approx(sum(right for right, _ in rows))
