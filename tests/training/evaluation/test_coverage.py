from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.conversation import Understanding
from tests.training.evaluation.sample_evaluation import RESULTS, ROWS, THRESHOLD
from training.corpus import Utterance
from training.evaluation.coverage import measure_coverage


def test_the_shipped_point_counts_what_the_model_really_says() -> None:
    coverage = measure_coverage(ROWS, RESULTS, threshold=THRESHOLD)
    assert coverage.coverage == 0.8
    assert coverage.risk == pytest.approx(5 / 8)
    assert coverage.in_scope_rejected == pytest.approx(1 / 8)
    assert coverage.out_of_scope_answered == 0.5


def test_the_surest_rows_come_first() -> None:
    points = {p.coverage: p.risk for p in measure_coverage(ROWS, RESULTS, threshold=None).curve}
    # By confidence and scope: right, right, right, wrong, wrong (0.49), wrong, wrong, wrong, …
    assert points[0.5] == pytest.approx(2 / 5)
    assert points[1.0] == pytest.approx(6 / 10)


def test_what_cannot_be_measured_is_null() -> None:
    only_outside = measure_coverage(ROWS[8:9], RESULTS[8:9], threshold=THRESHOLD)
    assert only_outside.risk is None
    assert only_outside.in_scope_rejected is None
    assert only_outside.out_of_scope_answered == 0.0


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30)
)
def test_risks_are_shares_and_covering_all_is_the_error_rate(
    cases: list[tuple[bool, float, float]],
) -> None:
    rows = [Utterance("x", "a" if right else "b") for right, _, _ in cases]
    results = [
        Understanding("a", sure, outside, (("a", sure), ("b", 1 - sure)))
        for _, sure, outside in cases
    ]
    coverage = measure_coverage(rows, results, threshold=None)
    assert all(0.0 <= point.risk <= 1.0 for point in coverage.curve)
    assert 0.0 <= coverage.area <= 1.0
    wrong = sum(not right for right, _, _ in cases) / len(cases)
    assert coverage.curve[0].risk == pytest.approx(wrong)
    assert coverage.risk == pytest.approx(wrong)
