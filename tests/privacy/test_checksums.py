from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from privacy.checksums import luhn_valid, resident_id_valid


@given(st.text(alphabet="0123456789", min_size=8, max_size=19))
def test_exactly_one_last_digit_satisfies_luhn(digits: str) -> None:
    assert sum(luhn_valid(digits + last) for last in "0123456789") == 1


@given(st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_exactly_one_check_character_satisfies_the_resident_number(digits: str) -> None:
    assert sum(resident_id_valid(digits + last) for last in "0123456789X") == 1
