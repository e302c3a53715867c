"""Numbers as they are written at home, in messages that do not say what they are."""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from privacy.recognizers.phone_national import COUNTRIES
from privacy.redaction import detect

# Iceland's and a part of Estonia's have seven digits: too few to tell without a word before them.
_SAID_ONLY = {"IS", "EE"}


def _found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in detect(text) if span.type == "PHONE_NUMBER"]


@pytest.mark.parametrize("country", [each for each in COUNTRIES if each not in _SAID_ONLY])
def test_a_mobile_number_is_found_in_the_groups_of_its_country(country: str) -> None:
    example = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    assert example is not None
    written = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
    if " " not in written and "-" not in written:
        pytest.skip("this country writes it without a space")
    assert _found(f"{written} is the one to use") == [written]


@pytest.mark.parametrize(
    "number",
    [
        *("32 13 33 40", "07407 615693", "030 131856", "(11) 2165-9035", "612 11 74 20"),
        *("081230 45666", "06 12565198", "(022) 10760", "6122 8421"),
    ],
)
@pytest.mark.parametrize("text", ["take {} for it", "这个{}，谢谢"])
def test_a_number_of_a_country_s_form_is_found_among_words_of_both_languages(
    number: str, text: str
) -> None:
    assert _found(text.format(number)) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "open 2023 2024 season",
        "between 3000-4000 of them",
        "12 11 2024 was the day",
        "Cambridge, MA 02139-0903",
        "ISBN 0-8018-2494-X is out of print",
        "order no. 612 117 420 please",
        "订单号 612 117 420 到哪了",
        "it costs $ 612 117 420",
        "612 117 420 元",
        "lot 11 11 11 11",
        "version 1.20.30.40.50",
        "0800 1111 222 is your hotline",
        "scores of 21 17 12 9",
    ],
)
def test_what_only_looks_like_a_number_is_left_alone(text: str) -> None:
    assert _found(text) == []


def test_a_table_of_numbers_is_looked_at_for_a_bounded_time() -> None:
    table = " ".join(f"{number % 60 + 20} {number % 59 + 20}," for number in range(20_000))
    assert _found(table) == []
