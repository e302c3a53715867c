from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.audits import intervals

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
P_VALUES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20)


def test_wilson_agrees_with_the_textbook() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263, and 0 of 20.
    many = intervals.wilson(81, 263)
    assert (round(many.low, 4), round(many.high, 4)) == (0.2553, 0.3662)
    none = intervals.wilson(0, 20)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)


@given(COUNTS)
def test_a_wilson_interval_holds_the_share_and_stays_within_0_and_1(
    counts: tuple[int, int],
) -> None:
    successes, n = counts
    interval = intervals.wilson(successes, n)
    assert 0.0 <= interval.low <= successes / n <= interval.high <= 1.0


def test_no_rows_say_nothing() -> None:
    assert intervals.wilson(0, 0) == intervals.Interval(0.0, 1.0)


def test_the_median_interval_covers_as_often_as_promised() -> None:
    rng = np.random.default_rng(1)
    found = [intervals.median_interval(rng.exponential(size=41)) for _ in range(500)]
    assert np.mean([one.low <= np.log(2) <= one.high for one in found]) > 0.93


@given(P_VALUES)
def test_holm_never_makes_a_p_value_smaller_and_keeps_the_order(p_values: list[float]) -> None:
    adjusted = intervals.holm(p_values)
    assert all(new >= old for new, old in zip(adjusted, p_values, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)


def test_holm_agrees_with_a_sum_done_by_hand() -> None:
    assert intervals.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def _spread(sums: list[float], counts: list[float]) -> float:
    columns = [np.array(column)[:, None] for column in (sums, counts)]
    return float(np.std(intervals.cluster_means(*columns, rounds=4000, seed=1)))


def test_conversations_of_one_customer_count_less_than_those_of_many() -> None:
    apart = _spread([1.0, 0.0] * 100, [1.0] * 200)
    together = _spread([5.0, 0.0] * 20, [5.0] * 40)
    assert apart == pytest.approx(np.sqrt(0.25 / 200), rel=0.1)
    assert together == pytest.approx(np.sqrt(0.25 / 40), rel=0.1)


def test_pooling_many_customers_leaves_the_spread_as_it_is() -> None:
    rng = np.random.default_rng(2)
    values = (rng.random(6000) < 0.3).astype(float)
    spread = _spread(list(values), [1.0] * 6000)
    assert spread == pytest.approx(np.sqrt(0.21 / 6000), rel=0.1)


def test_the_same_seed_gives_the_same_resamples_and_another_seed_others() -> None:
    sums, counts = np.arange(30.0)[:, None], np.ones((30, 1))
    first, again, other = (
        intervals.cluster_means(sums, counts, rounds=50, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_cell_without_rows_is_not_a_number() -> None:
    sums, counts = np.zeros((4, 1)), np.zeros((4, 1))
    assert np.isnan(intervals.cluster_means(sums, counts, rounds=3, seed=1)).all()


def test_half_the_error_lets_half_the_gap_be_found() -> None:
    wide, narrow = (intervals.detectable_gap(error, family=10) for error in (0.04, 0.02))
    assert wide == pytest.approx(2 * narrow)
    assert intervals.detectable_gap(0.02, family=1) == pytest.approx(2.8016 * 0.02, rel=1e-3)
