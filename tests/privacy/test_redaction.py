"""Card test numbers: the public ones of the card schemes. Identity number: GB 11643 example."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.redaction import Redactor, detect, redact


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的卡号是4111111111111111请查一下", "我的卡号是<BANK_CARD>请查一下"),
        ("card 5555-5555-5555-4444 was charged", "card <BANK_CARD> was charged"),
        ("卡号４１１１１１１１１１１１１１１１。", "卡号<BANK_CARD>。"),
        ("邮箱是zhangsan@example.com谢谢", "邮箱是<EMAIL_ADDRESS>谢谢"),
        ("write to a.b+c@mail.example.co.uk!", "write to <EMAIL_ADDRESS>!"),
        ("电话138 0013 8000", "电话<PHONE_NUMBER>"),
        ("１３８００１３８０００", "<PHONE_NUMBER>"),
        ("手机号+86-13900139000呢", "手机号<PHONE_NUMBER>呢"),
        ("138\u200b0013\u200b8000", "<PHONE_NUMBER>"),
        ("座机010-62345678", "座机<PHONE_NUMBER>"),
        ("call (415) 555-2671", "call <PHONE_NUMBER>"),
        ("ring +44 20 7946 0958 please", "ring <PHONE_NUMBER> please"),
        ("加微信wx13800138000", "加微信wx<PHONE_NUMBER>"),
        ("138  0013  8000", "<PHONE_NUMBER>"),
        ("138 - 0013 - 8000", "<PHONE_NUMBER>"),
        ("138\u00ad0013\u00ad8000", "<PHONE_NUMBER>"),
        ("(010)62345678", "<PHONE_NUMBER>"),
        ("021 6234 5678", "<PHONE_NUMBER>"),
        ("Visa4111/1111/1111/1111", "Visa<BANK_CARD>"),
        ("mail jürgen@example.com", "mail <EMAIL_ADDRESS>"),
        ("o'neil@example.com", "<EMAIL_ADDRESS>"),
        ("张三@example.com", "<EMAIL_ADDRESS>"),
        ("身份证11010519491231002X", "身份证<CN_RESIDENT_ID>"),
    ],
)
def test_personal_data_is_masked_in_both_languages(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "order 20261122123456789",
        "单号SF1234567890123",
        "热线400-800-0000",
        "订单号 2025112233",
        "hotline 800-555-0199",
        "it cost 1999.00 yuan on 2026-11-22",
        "4111111111111112 is no valid card",
        "满99元包邮，3到5天到",
        "",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text) == text


def test_two_findings_never_overlap() -> None:
    spans = detect("a@b.com 13800138000 4111111111111111")
    assert [span.type for span in spans] == ["EMAIL_ADDRESS", "PHONE_NUMBER", "BANK_CARD"]
    assert all(one.end <= two.start for one, two in pairwise(spans))


@given(st.text(max_size=200))
def test_text_outside_of_findings_is_untouched(text: str) -> None:
    rest = text
    for span in reversed(detect(text)):
        rest = rest[: span.start] + f"<{span.type}>" + rest[span.end :]
    assert redact(text) == rest


@given(st.text(alphabet="的我 a,", max_size=20), st.text(alphabet="吗。 b!", max_size=20))
def test_a_number_is_found_whatever_stands_around_it(before: str, after: str) -> None:
    assert "13800138000" not in redact(f"{before} 13800138000 {after}")


FRAGMENTS = st.sampled_from(
    (
        "13800138000|138 0013 8000|4111111111111111|a@b.com|我叫|张伟|微信|微信号|:|：| |abc_123"
        "|QQ|12345678|GB82 WEST 1234 5698 7654 32|北京市|建国路|88号|3栋|生日|1990年5月3日"
        "|my name is |john smith|护照|E12345678|粤B12345|192.0.2.1|1.|+44 20 7946 0958|<PERSON>|<|>"
        "|_|@|-|,|<PHONE_NUMBER_1>|Tom|(|一三八零零一三八零零零|https://a:b@c.com/|?token=x|phone "
        "|86|电话|123-45-6789|\n|regards,\n|12 Main Street"
    ).split("|")
)
TEXTS = st.lists(FRAGMENTS | st.text(max_size=3), max_size=12).map("".join)


@given(TEXTS | st.text(max_size=100))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    numbered = Redactor().redact(text).text
    assert Redactor().redact(numbered).text == redact(numbered) == numbered


@given(TEXTS)
def test_a_redaction_tells_what_it_masked_and_where(text: str) -> None:
    redaction = Redactor().redact(text)
    assert list(redaction.spans) == detect(text)
    assert all(one.end <= two.start for one, two in pairwise(redaction.spans))
    assert all(0 <= span.start < span.end <= len(text) for span in redaction.spans)


def test_the_same_value_gets_the_same_number_throughout_a_conversation() -> None:
    redactor = Redactor()
    first = redactor.redact("电话13800138000或13900139000")
    assert first.text == "电话<PHONE_NUMBER_1>或<PHONE_NUMBER_2>"
    assert redactor.redact("打１３８ ００１３ ８０００").text == "打<PHONE_NUMBER_1>"
    assert redactor.redact("a@b.com 15000150000").text == "<EMAIL_ADDRESS_1> <PHONE_NUMBER_3>"


def test_a_number_written_by_the_customer_is_not_given_to_a_value() -> None:
    assert Redactor().redact("<PHONE_NUMBER_1> 13800138000").text == (
        "<PHONE_NUMBER_1> <PHONE_NUMBER_2>"
    )


def test_another_conversation_counts_anew() -> None:
    assert Redactor().redact("13900139000").text == Redactor().redact("13800138000").text


@pytest.mark.parametrize(
    "piece",
    ["1 ", "路1号", "a.", "微信", "微信:", "GB11 ", "区", "我叫", "a:", "@a", "telegram ", "生日"],
)
def test_a_long_message_made_to_be_slow_is_not(piece: str) -> None:
    text = piece * (4000 // len(piece))
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 1
