"""Surrogates: of the same shape, valid, stable under one key, and nothing of the original left."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.checksums import (
    hong_kong_id_valid,
    iban_valid,
    luhn_valid,
    resident_id_valid,
    taiwan_id_valid,
    uscc_valid,
)
from privacy.custom_types import compact
from privacy.detector import TYPES, detect
from privacy.errors import SecretTooShort
from privacy.keyed_draw import KeyedDraw
from privacy.pseudonyms import Pseudonyms
from tests.privacy.test_planted import PLANTED

SECRET = bytes(range(32))
PSEUDONYMS = Pseudonyms(SECRET)


def _shape(text: str) -> str:
    return re.sub("[a-z]", "a", re.sub("[A-Z]", "A", re.sub("[0-9]", "0", text)))


def _number(text: str) -> str:
    return re.sub("[^0-9A-Za-z]", "", text)


@pytest.mark.parametrize("kind", sorted(PLANTED))
@given(st.data())
def test_a_surrogate_is_found_again_as_the_same_type_and_is_another_value(
    kind: str, data: st.DataObject
) -> None:
    value = data.draw(PLANTED[kind])
    made = PSEUDONYMS.surrogate(kind, value)
    assert compact(made) != compact(value)
    assert [(span.start, span.end, span.type) for span in detect(f"是{made}。")] == [
        (1, 1 + len(made), kind)
    ]
    if kind != "EMAIL_ADDRESS":
        assert len(made) == len(value)


@given(PLANTED["BANK_CARD"])
def test_a_card_keeps_its_network_separators_and_luhn(value: str) -> None:
    made = PSEUDONYMS.surrogate("BANK_CARD", value)
    assert _shape(made) == _shape(value)
    assert luhn_valid(_number(made))
    assert made[0] == value[0]
    assert _number(made)[6:-1] != _number(value)[6:-1] or _number(made)[:6] != _number(value)[:6]


@given(PLANTED["CN_RESIDENT_ID"])
def test_a_resident_keeps_neither_region_nor_birth_date(value: str) -> None:
    made = PSEUDONYMS.surrogate("CN_RESIDENT_ID", value)
    assert resident_id_valid(made)
    assert made[:2] != value[:2]
    assert made[6:14] != value[6:14]


def test_the_sex_of_a_surrogate_tells_nothing_of_the_persons() -> None:
    """Even and odd originals alike give about as many even as odd ones."""
    for sex in (0, 1):
        kept = 0
        for order in range(sex, 800, 2):
            made = PSEUDONYMS.surrogate("CN_RESIDENT_ID", f"11010519900101{order:03}X")
            kept += int(made[16]) % 2 == sex
        assert 150 < kept < 250


@given(PLANTED["HK_ID"])
def test_a_hong_kong_card_keeps_its_check_digit_and_not_its_letter(value: str) -> None:
    made = PSEUDONYMS.surrogate("HK_ID", value)
    assert re.sub("[0-9A]", "0", made[2:].upper()) == re.sub("[0-9A]", "0", value[2:].upper())
    assert hong_kong_id_valid(_number(made))
    letters = [re.match("[A-Za-z]+", each) for each in (made, value)]
    assert len({letter.group() for letter in letters if letter}) == 2


@given(PLANTED["TW_ID"])
def test_a_taiwan_number_keeps_its_check_digit_and_not_its_district(value: str) -> None:
    made = PSEUDONYMS.surrogate("TW_ID", value)
    assert taiwan_id_valid(made)
    assert made[0] != value[0]


def test_the_sex_in_a_taiwan_surrogate_tells_nothing_of_the_persons() -> None:
    for sex in "12":
        made = [PSEUDONYMS.surrogate("TW_ID", f"A{sex}{number:08}")[1] for number in range(800)]
        assert all(150 < made.count(drawn) < 250 for drawn in "1289")


def test_a_macau_surrogate_does_not_keep_where_the_card_was_first_given_out() -> None:
    made = {PSEUDONYMS.surrogate("MO_ID", f"1234567({last})")[0] for last in range(10)}
    assert made <= set("157")
    assert len(made) > 1


@given(PLANTED["IBAN"], PLANTED["CN_USCC"])
def test_account_and_organisation_numbers_keep_valid_check_digits(iban: str, uscc: str) -> None:
    assert iban_valid(_number(PSEUDONYMS.surrogate("IBAN", iban)).upper())
    assert uscc_valid(PSEUDONYMS.surrogate("CN_USCC", uscc))


@pytest.mark.parametrize(
    ("kind", "value", "pattern"),
    [
        ("PHONE_NUMBER", "138 0013-8000", r"1[3-9][0-9] [0-9]{4}-[0-9]{4}"),
        ("PHONE_NUMBER", "+86 13800138000", r"\+86 1[3-9][0-9]{9}"),
        ("PHONE_NUMBER", "010-62345678", r"0[2-9][0-9]-[2-9][0-9]{7}"),
        ("PHONE_NUMBER", "(415) 555-2671 x12", r"\([2-9][0-9]{2}\) [0-9]{3}-[0-9]{4} x[0-9]{2}"),
        ("PHONE_NUMBER", "１３８００１３８０００", "１[３-９][０-９]{9}"),
        ("PHONE_NUMBER", "一三八零零一三八零零零", "一[三四五六七八九][零一二三四五六七八九]{9}"),
        (
            "EMAIL_ADDRESS",
            "zhang.san-9@corp.cn",
            r"[a-z]{5}\.[a-z]{3}-[0-9]@example\.(com|net|org)",
        ),
        ("CN_RESIDENT_ID", "110105491231002", "[0-9]{15}"),
        ("PASSPORT", "E12345678", "E[0-9]{8}"),
        ("HK_ID", "XA123456(1)", r"X[B-E][0-9]{6}\([0-9A]\)"),
        ("HK_ID", "Ａ１２３４５６（３）", "[Ｂ-Ｚ][０-９]{6}（[０-９Ａ]）"),
        ("TW_ID", "AB12345678", "[B-Z][A-D][0-9]{8}"),
        ("MO_ID", "1/234567/8", "[157]/[0-9]{6}/[0-9]"),
        ("SOCIAL_ACCOUNT", "zhang_san88", "[a-z]{5}_[a-z]{3}[0-9]{2}"),
        ("DATE_OF_BIRTH", "1990年5月3日", "19[0-9]{2}年[1-9]月[1-9]日"),
        ("DATE_OF_BIRTH", "03 May 1990", r"(0[1-9]|1[0-2]) [A-Z][a-z]{2} 19[0-9]{2}"),
        ("IP_ADDRESS", "8.8.4.4", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.[0-9]{2,3}"),
        ("IP_ADDRESS", "2a00:1450::8a", "2001:db8::[0-9a-f]+:[0-9a-f]+"),
        ("URL", "https://corp.cn/?token=abc", "https://example.com/[a-z]{12}"),
        ("PERSON", "张伟", "[\u4e00-\u9fff]{2}"),
        ("PERSON", "欧阳娜娜", "[\u4e00-\u9fff]{4}"),
        ("PERSON", "阿卜杜拉·买买提", "[\u4e00-\u9fff]+·[\u4e00-\u9fff]+"),
        ("PERSON", "john smith", "[a-z]+ [a-z]+"),
        ("PERSON", "J. SMITH", r"[A-Z]\. [A-Z]+"),
        (
            "ADDRESS",
            "北京市朝阳区建国路88号3栋502室",
            "[\u4e00-\u9fff]+区[\u4e00-\u9fff]+路[0-9]{2}号[0-9]栋[0-9]{3}室",
        ),
        (
            "ADDRESS",
            "12 Elgar Street, Apt 4B, Reno, NV 89501",
            r"[0-9]{2} [A-Z]\w+ Street, Apt [0-9]{2}, \w+, [A-Z]{2} [0-9]{5}",
        ),
        ("ADDRESS", "PO Box 1234", r"PO Box [0-9]{4}"),
        ("PROJECT", "猎鹰B7", "[\u4e00-\u9fff]{2}[A-Z][0-9]"),
    ],
)
def test_a_surrogate_is_written_as_its_original_is(kind: str, value: str, pattern: str) -> None:
    made = PSEUDONYMS.surrogate(kind, value)
    assert re.fullmatch(pattern, made), made
    assert made != value


def test_one_value_has_one_surrogate_however_it_is_written() -> None:
    spaced = PSEUDONYMS.surrogate("PHONE_NUMBER", "138 0013 8000")
    assert spaced.replace(" ", "") == PSEUDONYMS.surrogate("PHONE_NUMBER", "13800138000")


@given(PLANTED["PHONE_NUMBER"])
def test_another_key_gives_another_surrogate(value: str) -> None:
    made = {Pseudonyms(bytes([each]) * 32).surrogate("PHONE_NUMBER", value) for each in range(8)}
    assert len(made) > 6


@given(st.sampled_from([*TYPES, "CUSTOM"]), st.text(max_size=30))
def test_any_text_at_all_has_a_surrogate(kind: str, value: str) -> None:
    made = PSEUDONYMS.surrogate(kind, value)
    assert made == PSEUDONYMS.surrogate(kind, value)
    assert compact(made) != compact(value) or not compact(value)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SecretTooShort):
        Pseudonyms(b"short")


@given(st.integers(1, 1000))
def test_a_draw_stays_below_its_limit(limit: int) -> None:
    draw = KeyedDraw(SECRET, "a", "b")
    assert all(0 <= draw.below(limit) < limit for _ in range(20))


def test_the_parts_of_a_draw_do_not_run_into_each_other() -> None:
    assert KeyedDraw(SECRET, "ab", "c").below(2**32) != KeyedDraw(SECRET, "a", "bc").below(2**32)
