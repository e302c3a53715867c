"""A masked text laid over its original: each placeholder gets the mask of its own value."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.agent_masks import pair

PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
BETWEEN = st.sampled_from(
    [" ", "，", " or 或者 ", " 8000 ", "。请回电：", " 1 ", "call 13800138000: "]
)


@given(st.lists(st.tuples(BETWEEN, PHONES), min_size=1, max_size=5))
def test_every_placeholder_has_the_mask_of_its_own_value_or_none(
    parts: list[tuple[str, str]],
) -> None:
    """Whatever stands between: there may be several ways to lay one text over the other."""
    original = "".join(between + phone for between, phone in parts)
    masked = "".join(
        f"{between}<PHONE_NUMBER_{number}>" for number, (between, _) in enumerate(parts)
    )
    masks = pair(original, masked)
    for number, (_, phone) in enumerate(parts):
        mask = f"{phone[:3]}****{phone[-4:]}"
        assert masks.get(f"<PHONE_NUMBER_{number}>", mask) == mask


@pytest.mark.parametrize(
    ("original", "masked", "masks"),
    [
        (
            "我叫张伟，电话138 0013 8000",
            "我叫<PERSON_1>，电话<PHONE_NUMBER_1>",
            {"<PERSON_1>": "张*", "<PHONE_NUMBER_1>": "138****8000"},
        ),
        (
            "13800138000 13900139000",
            "<PHONE_NUMBER_1> <PHONE_NUMBER_2>",
            {"<PHONE_NUMBER_1>": "138****8000", "<PHONE_NUMBER_2>": "139****9000"},
        ),
        (
            "13800138000, again 13800138000",
            "<PHONE_NUMBER_3>, again <PHONE_NUMBER_3>",
            {"<PHONE_NUMBER_3>": "138****8000"},
        ),
        (
            "mail a.b@example.com",
            "mail <EMAIL_ADDRESS_1>",
            {"<EMAIL_ADDRESS_1>": "a***@example.com"},
        ),
        # The last digits of a card, which only the form that asked knows as personal data.
        ("it ends in 4711", "it ends in <BANK_CARD>", {"<BANK_CARD>": "***"}),
        ("nothing here", "nothing here", {}),
    ],
    ids=["chinese", "side-by-side", "twice", "e-mail", "of-a-form", "nothing"],
)
def test_masks_are_those_of_the_values(original: str, masked: str, masks: dict[str, str]) -> None:
    assert pair(original, masked) == masks


@pytest.mark.parametrize(
    ("original", "masked"),
    [
        ("a b c d", "<PERSON_1> <PERSON_2> d"),
        ("13800138000", "call <PHONE_NUMBER_1>"),
        ("13800138000 and 13900139000", "<PHONE_NUMBER> and <PHONE_NUMBER>"),
        ("", "<PHONE_NUMBER_1>"),
    ],
    ids=["two-ways", "another-text", "one-name-for-two", "erased"],
)
def test_where_it_is_not_beyond_doubt_there_is_no_mask(original: str, masked: str) -> None:
    assert pair(original, masked) == {}


@given(st.text(max_size=60), st.text(max_size=40))
def test_a_mask_shows_only_what_stands_in_the_original(original: str, around: str) -> None:
    """Whatever two texts are laid over one another, no mask tells more than a few characters."""
    masks = pair(original, f"{around}<BANK_CARD_1>")
    for mask in masks.values():
        assert len(re.sub(r"\*", "", mask)) <= 4
