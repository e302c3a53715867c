"""Values made at random, written the ways people write them, planted in sentences."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from privacy.checksums import (
    USCC_ALPHABET,
    hong_kong_id_valid,
    iban_valid,
    luhn_valid,
    resident_id_valid,
    taiwan_id_valid,
    uscc_valid,
)
from privacy.redaction import redact

BEFORE = st.sampled_from(
    ["", "我的是", "号码：", "please use ", "改成", "【", "it is: ", "，", "联系我"]
)
AFTER = st.sampled_from(["", "谢谢", "。", ", thanks", "，尽快", "】", "!", " 谢谢", "\n好的"])
DIGITS = "0123456789"


def _digits(count: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=DIGITS, min_size=count, max_size=count)


def _wide(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


@st.composite
def _mobiles(draw: st.DrawFn) -> str:
    number = "1" + draw(st.sampled_from("3456789")) + draw(_digits(9))
    style = draw(st.sampled_from(["plain", "gaps", "dashes", "country", "read out"]))
    if style == "read out":
        return number.translate(str.maketrans(DIGITS, "零一二三四五六七八九"))
    gap = {"gaps": " ", "dashes": "-"}.get(style, "")
    parts = gap.join((number[:3], number[3:7], number[7:]))
    return f"+86 {parts}" if style == "country" else parts


@st.composite
def _residents(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["110105", "440305", "310101", "650102", "513221"]))
    birthday = draw(st.dates()).strftime("%m%d")
    body = f"{region}{draw(st.integers(1930, 2025))}{birthday}{draw(_digits(3))}"
    return next(body + last for last in "0123456789X" if resident_id_valid(body + last))


@st.composite
def _cards(draw: st.DrawFn) -> str:
    length = draw(st.sampled_from([15, 16, 19]))
    start = {15: ["34", "37"], 16: ["4", "51", "622202"], 19: ["621700", "622848"]}[length]
    prefix = draw(st.sampled_from(start))
    body = prefix + draw(_digits(length - len(prefix) - 1))
    number = next(body + last for last in DIGITS if luhn_valid(body + last))
    gap = draw(st.sampled_from(["", " ", "-"]))
    return gap.join(re.findall(".{1,4}", number))


@st.composite
def _ibans(draw: st.DrawFn) -> str:
    body = draw(_digits(18))
    number = next(number for check in range(2, 99) if iban_valid(number := f"DE{check:02}{body}"))
    return draw(st.sampled_from([number, " ".join(re.findall(".{1,4}", number)), number.lower()]))


@st.composite
def _usccs(draw: st.DrawFn) -> str:
    body = f"91{draw(st.sampled_from(['110108', '440300']))}"
    body += "MA" + draw(st.text(alphabet=USCC_ALPHABET, min_size=7, max_size=7))
    return next(body + last for last in USCC_ALPHABET if uscc_valid(body + last))


@st.composite
def _plates(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from("京沪粤苏浙川鲁")) + draw(st.sampled_from("ABCDE"))
    return head + draw(st.sampled_from(["", "·"])) + draw(_digits(5) | _digits(4).map("D1".__add__))


@st.composite
def _ssns(draw: st.DrawFn) -> str:
    area, group = draw(st.integers(1, 665)), draw(st.integers(1, 99))
    return f"{area:03}-{group:02}-{draw(st.integers(1, 9999)):04}"


@st.composite
def _hong_kong_ids(draw: st.DrawFn) -> str:
    body = draw(st.sampled_from([*"ABCDGKRZ", "XA", "WX"])) + draw(_digits(6))
    last = next(last for last in f"{DIGITS}A" if hong_kong_id_valid(body + last))
    return draw(st.sampled_from([f"{body}({last})", f"{body} ({last})", f"{body.lower()}({last})"]))


@st.composite
def _taiwan_ids(draw: st.DrawFn) -> str:
    body = draw(st.from_regex("[A-Z][1289A-D][0-9]{7}", fullmatch=True))
    return next(body + last for last in DIGITS if taiwan_id_valid(body + last))


def _emails() -> st.SearchStrategy[str]:
    name = st.from_regex(r"[a-z][a-z0-9._]{1,10}[a-z0-9]", fullmatch=True)
    return st.builds("{}@{}".format, name, st.sampled_from(["qq.com", "mail.example.co.uk"]))


PLANTED = {
    "PHONE_NUMBER": _mobiles(),
    "CN_RESIDENT_ID": _residents(),
    "BANK_CARD": _cards(),
    "IBAN": _ibans(),
    "CN_USCC": _usccs(),
    "CN_LICENSE_PLATE": _plates(),
    "US_SSN": _ssns(),
    "EMAIL_ADDRESS": _emails(),
    "HK_ID": _hong_kong_ids(),
    "TW_ID": _taiwan_ids(),
}
VALUES = st.one_of(*PLANTED.values())


@given(BEFORE, VALUES, AFTER, st.booleans())
def test_no_planted_value_survives(before: str, value: str, after: str, wide: bool) -> None:
    written = _wide(value) if wide else value
    masked = redact(f"{before}{written}{after}")
    assert re.sub("<[A-Z_]+>", "", masked) == f"{before}{after}"
