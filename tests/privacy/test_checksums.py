from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.checksums import (
    hong_kong_id_valid,
    luhn_valid,
    resident_id_valid,
    taiwan_id_valid,
)

HONG_KONG = st.from_regex("[A-Z]{1,2}[0-9]{6}", fullmatch=True)
TAIWAN = st.from_regex("[A-Z][1289A-D][0-9]{7}", fullmatch=True)


@given(st.text(alphabet="0123456789", min_size=8, max_size=19))
def test_exactly_one_last_digit_satisfies_luhn(digits: str) -> None:
    assert sum(luhn_valid(digits + last) for last in "0123456789") == 1


@given(st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_exactly_one_check_character_satisfies_the_resident_number(digits: str) -> None:
    assert sum(resident_id_valid(digits + last) for last in "0123456789X") == 1


@pytest.mark.parametrize("number", ["A1234563", "AB9876543", "G123456A", "a1234563"])
def test_published_hong_kong_numbers_are_valid(number: str) -> None:
    assert hong_kong_id_valid(number)


@pytest.mark.parametrize("number", ["A123456789", "a123456789", "A800000014", "AA00000009"])
def test_published_taiwan_numbers_are_valid(number: str) -> None:
    assert taiwan_id_valid(number)


@given(HONG_KONG)
def test_exactly_one_check_character_satisfies_a_hong_kong_number(number: str) -> None:
    assert sum(hong_kong_id_valid(number + last) for last in "0123456789A") == 1


@given(TAIWAN)
def test_exactly_one_last_digit_satisfies_a_taiwan_number(number: str) -> None:
    assert sum(taiwan_id_valid(number + last) for last in "0123456789") == 1


@given(HONG_KONG, st.data())
def test_one_wrong_digit_never_leaves_a_hong_kong_number_valid(
    number: str, data: st.DataObject
) -> None:
    right = next(number + last for last in "0123456789A" if hong_kong_id_valid(number + last))
    place = data.draw(st.integers(len(number) - 6, len(number) - 1))
    other = data.draw(st.sampled_from([each for each in "0123456789" if each != right[place]]))
    assert not hong_kong_id_valid(right[:place] + other + right[place + 1 :])


@given(HONG_KONG, st.data())
def test_two_neighbours_in_each_others_place_never_leave_a_hong_kong_number_valid(
    number: str, data: st.DataObject
) -> None:
    right = next(number + last for last in "0123456789A" if hong_kong_id_valid(number + last))
    place = data.draw(st.integers(len(number) - 6, len(number) - 2))
    one, two = right[place : place + 2]
    swapped = right[:place] + two + one + right[place + 2 :]
    assert one == two or not hong_kong_id_valid(swapped)
