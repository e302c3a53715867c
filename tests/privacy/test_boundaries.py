"""No border of words is written in Chinese: every type must be found between any characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.detector import detect

# Characters that belong to a value themselves: numerals, number plates, units of addresses,
# surnames and money, and words that say that something else follows.
_MEANING = frozenset(
    "零一二三四五六七八九十百千幺壹贰叁肆伍陆柒捌玖貳參陸〇元圆块单單号號挂学警港澳云新青川宁版年月日生時时统"
    "京津沪渝冀豫辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤藏琼"
)
HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5).filter(
    lambda character: character not in _MEANING
)
AROUND = st.text(HAN, min_size=1, max_size=6)

VALUES = (
    ("", "13800138000", "PHONE_NUMBER"),
    ("", "+86 138-0013-8000", "PHONE_NUMBER"),
    ("", "010-62345678", "PHONE_NUMBER"),
    ("", "+44 20 7946 0958", "PHONE_NUMBER"),
    ("电话", "62345678", "PHONE_NUMBER"),
    ("", "一三八零零一三八零零零", "PHONE_NUMBER"),
    ("", "zhangsan@example.com", "EMAIL_ADDRESS"),
    ("", "11010519491231002X", "CN_RESIDENT_ID"),
    ("身份证", "110105491231002", "CN_RESIDENT_ID"),
    ("", "4111111111111111", "BANK_CARD"),
    ("", "4000000000000000006", "BANK_CARD"),
    ("", "6222 0212 3456 7894", "BANK_CARD"),
    ("银行卡", "6222021234567890", "BANK_CARD"),
    ("", "GB82 WEST 1234 5698 7654 32", "IBAN"),
    ("", "de89370400440532013000", "IBAN"),
    ("", "91350100M000100Y43", "CN_USCC"),
    ("", "粤B12345", "CN_LICENSE_PLATE"),
    ("", "京AD12345", "CN_LICENSE_PLATE"),
    ("护照", "E12345678", "PASSPORT"),
    ("回乡证", "H12345678", "PASSPORT"),
    ("", "A123456(3)", "HK_ID"),
    ("", "Ｇ１２３４５６（Ａ）", "HK_ID"),
    ("身份证", "A1234563", "HK_ID"),
    ("", "A123456789", "TW_ID"),
    ("身分證", "a123456789", "TW_ID"),
    ("澳门身份证", "1234567(8)", "MO_ID"),
    ("澳门身份证", "12345678", "MO_ID"),
    ("", "192.0.2.171", "IP_ADDRESS"),
    ("", "2001:db8::8a2e:370:7334", "IP_ADDRESS"),
    ("", "123-45-6789", "US_SSN"),
    ("微信", "zhang_san88", "SOCIAL_ACCOUNT"),
    ("QQ", "123456789", "SOCIAL_ACCOUNT"),
    ("出生日期", "1990-05-03", "DATE_OF_BIRTH"),
    ("", "https://example.com/track?phone=555", "URL"),
)


@pytest.mark.parametrize(("word", "value", "kind"), VALUES, ids=[each[1] for each in VALUES])
@given(AROUND, AROUND)
def test_a_value_between_chinese_characters_is_found_to_the_character(
    word: str, value: str, kind: str, before: str, after: str
) -> None:
    text = f"{before}{word}{value}{after}"
    start = len(before) + len(word)
    assert (start, start + len(value), kind) in {
        (span.start, span.end, span.type) for span in detect(text)
    }


_SEPARATORS = st.sampled_from(["", "", " ", "-", ".", "\u200b", "\u2060", " - ", "·"])


@given(AROUND, st.lists(_SEPARATORS, min_size=10, max_size=10), AROUND)
def test_a_mobile_number_is_found_whatever_parts_its_digits(
    before: str, parts: list[str], after: str
) -> None:
    written = "1" + "".join(part + digit for part, digit in zip(parts, "3800138000", strict=True))
    (span,) = detect(f"{before}{written}{after}")
    assert (span.start, span.end) == (len(before), len(before) + len(written))
