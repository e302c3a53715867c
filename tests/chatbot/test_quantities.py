from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.numerals import digits_for_words, plain
from chatbot.quantities import quantities

DAY = 24 * 60


def _values(text: str) -> list[tuple[Fraction, Fraction, str]]:
    return [(each.low, each.high, each.unit) for each in quantities(plain(text))]


@pytest.mark.parametrize(
    "alike",
    [
        ("7 days", "seven days", "7 天", "七天", "７天", "7日", "7-day", "one week", "一周"),
        ("¥8", "8元", "￥８", "8 yuan", "RMB 8", "CNY 8", "8块钱", "八元", "eight yuan"),
        ("¥1,000", "1 thousand yuan", "1000元", "１，０００元", "一千元", "1千元", "¥1k"),
        ("2–4 days", "2-4天", "2至4天", "two to four days", "二到四天", "2~4 日"),
        ("3 working days", "three business days", "3个工作日", "三个工作日"),
        ("24 hours", "24小时", "二十四小时", "one day", "24-hour"),
        ("24 months", "2 years", "两年", "二十四个月"),
        ("6 months", "半年", "六个月"),
        ("0.5%", "0.5 percent", "百分之0.5"),
        ("13%", "百分之十三", "thirteen percent", "13个点"),
        ("4 pm", "16:00", "下午4点", "4:00 p.m.", "16：00", "16点"),
        ("January 5, 2026", "5 January 2026", "2026-01-05", "2026年1月5日", "Jan 5, 2026"),
        ("once", "1次", "一次", "one time"),
        ("free of charge", "no extra cost", "免费", "不收费用", "0元"),
        ("1.5 m", "1.5米", "150 cm", "150厘米"),
        ("20 kg", "20公斤", "二十公斤", "20千克"),
        ("400-800-0000", "４００-８００-００００"),
    ],
    ids=lambda alike: alike[0],
)
def test_both_languages_and_every_spelling_give_one_value(alike: tuple[str, ...]) -> None:
    first = _values(alike[0])
    assert len(first) == 1
    for spelling in alike[1:]:
        assert _values(spelling) == first, spelling


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("3 working days", "3 days"),
        ("¥8", "$8"),
        ("8元", "8天"),
        ("3个月", "3月"),
        ("12 months", "12%"),
        ("2–4 days", "2 days"),
        ("9:00", "9 hours"),
        ("2026年1月5日", "2026年5月1日"),
        ("100元", "100，200元"),
    ],
)
def test_what_differs_stays_apart(one: str, two: str) -> None:
    assert _values(one) != _values(two)


@pytest.mark.parametrize(
    "text",
    [
        "one of our shops",
        "任意一家门店",
        "一般来说，统一处理，第一种也一样",
        "feel free to ask",
        "本月",
        "interest-free",
        "no one knows",
        "千万不要",
    ],
)
def test_words_that_only_look_like_numbers_are_none(text: str) -> None:
    assert _values(text) == []


def test_numbers_in_a_list_share_the_unit_behind_the_last() -> None:
    assert _values("3, 6 or 12 months") == [(n, n, "month") for n in (3, 6, 12)]
    assert _values("3期、6期和12期") == [(n, n, "期") for n in (3, 6, 12)]
    assert _values("two and four days") == [(n * DAY, n * DAY, "minute") for n in (2, 4)]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("up to 4 days", "max"),
        ("within 4 days", "max"),
        ("4天内", "max"),
        ("最多4天", "max"),
        ("no more than 4 days", "max"),
        ("不超过4天", "max"),
        ("at least 4 days", "min"),
        ("满4天", "min"),
        ("4 days or more", "min"),
        ("超过4天", "min"),
        ("4天以上", "min"),
        ("4 days", ""),
        ("up to our shops, open 4 days", ""),
    ],
)
def test_limits_are_told_from_exact_values(text: str, bound: str) -> None:
    assert [each.bound for each in quantities(plain(text))] == [bound]


@given(st.integers(min_value=1, max_value=9999))
def test_thousands_separators_change_nothing(number: int) -> None:
    assert _values(f"¥{number:,}") == _values(f"{number}元")


@given(st.text(max_size=100))
def test_any_text_can_be_read(text: str) -> None:
    for quantity in quantities(plain(text)):
        assert quantity.written.strip()
        assert quantity.unit == quantity.unit.strip()


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("twenty-four hours", "24 hours"),
        ("two hundred yuan", "200 yuan"),
        ("一百二十三元", "123元"),
        ("三万五千元", "35000元"),
        ("二人", "2人"),
        ("within a week", "within 1 week"),
        ("twice per order", "2 times per order"),
        ("once you have paid", "once you have paid"),
        ("周一至周六", "周一至周六"),
    ],
)
def test_number_words_become_digits_where_a_number_is_meant(words: str, digits: str) -> None:
    assert digits_for_words(words) == digits


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("half an hour", "30 minutes"),
        ("half of the price", "50% of the price"),
        ("下单时付一半", "下单时付50%"),
        ("次月1号", "下个月1日"),
        ("六岁", "6岁"),
    ],
)
def test_other_ways_to_write_a_number_are_the_same(one: str, two: str) -> None:
    (first,), (second,) = quantities(plain(one)), quantities(plain(two))
    assert (first.low, first.unit) == (second.low, second.unit)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("aged 18 or over", "min"),
        ("18岁及以上", "min"),
        ("未满16岁", "max"),
        ("until 11 am", "max"),
        ("from 3 pm", "min"),
        ("中午12点前", "max"),
    ],
)
def test_ages_and_hours_have_bounds(text: str, bound: str) -> None:
    (found,) = quantities(plain(text))
    assert found.bound == bound


def test_may_after_a_number_is_no_month() -> None:
    assert [each.unit for each in quantities(plain("Members under 16 may swim."))] != ["date"]
