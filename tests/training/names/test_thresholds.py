import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.names.thresholds import NEARLY, lowest_near_best


def test_of_thresholds_nearly_as_good_the_lowest_is_taken() -> None:
    assert lowest_near_best({0.3: 0.90, 0.5: 0.949, 0.7: 0.95}) == 0.5


@given(st.dictionaries(st.floats(0, 1), st.floats(0, 1), min_size=1))
def test_no_lower_one_is_nearly_the_best(f2: dict[float, float]) -> None:
    chosen, best = lowest_near_best(f2), max(f2.values())
    assert f2[chosen] >= best - NEARLY
    assert all(f2[one] < best - NEARLY for one in f2 if one < chosen)


def test_no_thresholds_are_no_choice() -> None:
    with pytest.raises(ValueError, match="empty"):
        lowest_near_best({})
