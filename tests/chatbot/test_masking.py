from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.masking import hidden_places, mask_again, mask_message
from privacy.redaction import Redactor, redact


def test_numbers_go_on_from_the_earlier_messages() -> None:
    earlier = ["call <PHONE_NUMBER_1>", "or <PHONE_NUMBER_4>"]
    text = mask_message("13900139000, not a@b.com", earlier=lambda: earlier)
    assert text == "<PHONE_NUMBER_5>, not <EMAIL_ADDRESS_1>"


def test_nothing_is_looked_up_for_a_text_without_personal_data() -> None:
    def never() -> list[str]:
        raise AssertionError

    assert mask_message("怎么退货", earlier=never) == "怎么退货"


def test_what_a_form_hid_stays_hidden_under_newer_rules() -> None:
    masked = "order KF-10023, last digits <PHONE_NUMBER>, mail a@b.com"
    original = "order KF-10023, last digits 8000, mail a@b.com"
    again = mask_again(Redactor(), original=original, masked=masked)
    assert again == "order KF-10023, last digits <PHONE_NUMBER>, mail <EMAIL_ADDRESS_1>"


def test_a_mask_that_grows_takes_the_larger_place() -> None:
    original, masked = "打 13800138000 给我", "打 1380013<PHONE_NUMBER> 给我"
    assert mask_again(Redactor(), original=original, masked=masked) == "打 <PHONE_NUMBER_1> 给我"


def test_the_same_value_gets_the_same_number_throughout() -> None:
    redactor = Redactor()
    texts = ["13800138000", "call 138 0013 8000"]
    again = [mask_again(redactor, original=text, masked=redact(text)) for text in texts]
    assert again == ["<PHONE_NUMBER_1>", "call <PHONE_NUMBER_1>"]


def test_a_mask_does_not_uncover_what_was_found_only_together_with_it() -> None:
    original, masked = "QZ7订单a@b.com13800138000", "<PERSON>订单<EMAIL_ADDRESS><PHONE_NUMBER>"
    assert "QZ7" not in mask_again(Redactor(), original=original, masked=masked)


def test_without_an_original_the_masked_text_is_masked_further() -> None:
    again = mask_again(Redactor(), original=None, masked="<PERSON> a@b.com")
    assert again == "<PERSON> <EMAIL_ADDRESS_1>"


@pytest.mark.parametrize(
    ("original", "masked", "places"),
    [
        ("hello", "hello", []),
        ("hello", "help", None),
        ("my 8000 is it", "my <PHONE_NUMBER> is it", [(3, 7)]),
        ("<PHONE_NUMBER> is it", "<PHONE_NUMBER> is it", [(0, 14)]),
        ("ab12", "<PERSON><PHONE_NUMBER_3>", [(0, 4)]),
        ("a 1 a 2 a", "a <PERSON> a", [(2, 7)]),
        ("1 a 2 a 3", "<PERSON> a <PERSON>", None),
        ("a", "a<PERSON>", None),
    ],
)
def test_masks_are_laid_over_the_original_only_beyond_doubt(
    original: str, masked: str, places: list[tuple[int, int]] | None
) -> None:
    assert hidden_places(original, masked) == places


words = st.lists(st.sampled_from(["8000", "my", "订单", "a@b.com", " ", "13800138000"]), max_size=9)


@given(words=words, hide=st.integers(0, 8))
def test_masking_again_never_uncovers(words: list[str], hide: int) -> None:
    secret = "QZ7"
    hidden = [*words[:hide], secret, *words[hide:]]
    masked = redact("".join("<PERSON>" if word == secret else word for word in hidden))
    again = mask_again(Redactor(), original="".join(hidden), masked=masked)
    assert secret not in again
    assert "13800138000" not in again or "13800138000" in masked
