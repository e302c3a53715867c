from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.significance import compare_paired, mcnemar

PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=200)


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_test_does_not_care_which_model_comes_first(won: int, lost: int) -> None:
    assert mcnemar(won, lost) == mcnemar(lost, won)
    assert 0.0 <= mcnemar(won, lost) <= 1.0


def test_the_p_value_is_that_of_tossing_a_coin() -> None:
    # Five heads in five tosses, or none: 2 / 2**5.
    assert mcnemar(5, 0) == pytest.approx(2 / 32)
    assert mcnemar(9, 1) == pytest.approx(2 * 11 / 1024)
    assert mcnemar(3, 3) == 1.0
    assert mcnemar(0, 0) == 1.0


@given(PAIRS)
def test_the_interval_contains_the_difference_and_turns_with_the_sides(
    pairs: list[tuple[bool, bool]],
) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    test, turned = compare_paired(first, second), compare_paired(second, first)
    assert test.interval.low - 1e-9 <= test.difference <= test.interval.high + 1e-9
    assert turned.difference == -test.difference
    assert (turned.won, turned.lost) == (test.lost, test.won)
    assert turned.p_value == test.p_value
    assert test.difference == pytest.approx(sum(first) / len(first) - sum(second) / len(second))


def test_the_interval_is_as_wide_as_theory_says() -> None:
    # 60 won, 40 lost of 1,000: the standard error is sqrt(0.1 - 0.02**2) / sqrt(1000).
    test = compare_paired([True] * 960 + [False] * 40, [False] * 60 + [True] * 940)
    error = ((0.1 - 0.02**2) / 1000) ** 0.5
    assert test.interval.low == pytest.approx(0.02 - 1.96 * error, abs=0.0015)
    assert test.interval.high == pytest.approx(0.02 + 1.96 * error, abs=0.0015)


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = [True] * 7 + [False] * 3, [True] * 4 + [False] * 6
    assert compare_paired(first, second) == compare_paired(first, second)


def test_few_changed_rows_prove_nothing_and_many_do() -> None:
    assert not compare_paired([True] * 5, [False] * 5).significant
    assert compare_paired([True] * 6, [False] * 6).significant


def test_no_rows_say_nothing() -> None:
    test = compare_paired([], [])
    assert (test.difference, test.p_value) == (0.0, 1.0)
    assert (test.interval.low, test.interval.high) == (-1.0, 1.0)
