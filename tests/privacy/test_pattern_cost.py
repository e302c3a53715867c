"""What a pattern may cost is known before it runs."""

from __future__ import annotations

import re
import time
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.custom_types import MOST_STEPS
from privacy.pattern_cost import PatternRefused, steps_at_one_place
from privacy.recognizers import hk_id, mo_id, tw_id


@pytest.mark.parametrize(
    ("pattern", "steps"),
    [
        ("[0-9]{8}", 8),
        ("[0-9]{6,8}", 3 * 8),
        ("A(?:b|cd)", 2 * 3),
        ("A-?[0-9]{1,4}", 2 * 4 * 6),
        ("(?:a|bc){2}", 4 * 4),
        ("(?<!x)ab(?=c)", 2),
        ("a(?=.{0,9}x)", 10 * 10),
    ],
)
def test_steps_are_ways_to_divide_times_length(pattern: str, steps: int) -> None:
    assert steps_at_one_place(pattern) == steps


@pytest.mark.parametrize("pattern", ["a+b", "a*b", "a{2,}b", "(a)b\\1", "a??", "", "(", "a++b"])
def test_what_has_no_bound_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused):
        steps_at_one_place(pattern)


_ATOMS = st.sampled_from(["a", "b", "[ab]", ".", "(?:a|ab)", "(?:a|b|ab)"])
_REPEATS = st.sampled_from(["", "?", "{1,3}", "{0,20}", "{5,30}", "{2}"])
_PATTERNS = st.recursive(
    st.lists(st.builds("{}{}".format, _ATOMS, _REPEATS), min_size=1, max_size=4).map("".join),
    lambda inner: st.builds("(?:{}){}".format, inner, _REPEATS),
    max_leaves=3,
)


@given(_PATTERNS, st.sampled_from(["a", "b", "ab", "aab"]))
def test_a_pattern_that_is_accepted_is_quick_on_the_text_made_against_it(
    pattern: str, piece: str
) -> None:
    whole = pattern + "c"
    if steps_at_one_place(whole) > MOST_STEPS:
        return
    text = piece * 500
    began = time.process_time()
    assert not re.compile(whole).search(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("recognizer", [hk_id, tw_id, mo_id], ids=lambda each: each.__name__)
def test_identity_cards_cost_no_more_than_a_companys_own_types_may(recognizer: ModuleType) -> None:
    assert steps_at_one_place(recognizer.NUMBER.pattern) <= MOST_STEPS
