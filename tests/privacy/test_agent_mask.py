"""What an agent sees of a value, and how much that is at most."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.agent_mask import agent_mask, shown
from privacy.detector import TYPES


@pytest.mark.parametrize(
    ("kind", "value", "mask"),
    [
        ("PHONE_NUMBER", "13800138000", "138****8000"),
        ("PHONE_NUMBER", "+86 138-0013-8000", "138****8000"),
        ("PHONE_NUMBER", "１３８００１３８０００", "138****8000"),
        ("PHONE_NUMBER", "010-62345678", "*******5678"),
        ("PHONE_NUMBER", "62345678", "******78"),
        ("BANK_CARD", "4111 1111 1111 1111", "************1111"),
        ("CN_RESIDENT_ID", "11010519491231002X", "1****************X"),
        ("PASSPORT", "E12345678", "E*******8"),
        ("HK_ID", "A123456(3)", "A******3"),
        ("HK_ID", "Ａ１２３４５６（３）", "A******3"),
        ("TW_ID", "A123456789", "A********9"),
        ("MO_ID", "1/234567/8", "1******8"),
        ("IBAN", "GB82 WEST 1234 5698 7654 32", "GB******************32"),
        ("CN_LICENSE_PLATE", "粤B·12345", "粤*****5"),
        ("EMAIL_ADDRESS", "zhangsan@example.com", "z***@example.com"),
        ("EMAIL_ADDRESS", "z@example.com", "***@example.com"),
        ("PERSON", "张伟", "张*"),
        ("PERSON", "欧阳娜娜", "欧阳**"),
        ("PERSON", "阿卜杜拉·买买提", "阿***"),
        ("PERSON", "John Smith", "J. S***"),
        ("PERSON", "Cher", "C***"),
        ("ADDRESS", "北京市朝阳区建国路88号3栋502室", "北京市朝阳区***"),
        ("ADDRESS", "广东省深圳市南山区科技园1号", "广东省深圳市南山区***"),
        ("ADDRESS", "幸福小区3栋2单元501室", "***"),
        ("ADDRESS", "12 Main Street, Springfield, IL 62704", "***, IL"),
        ("ADDRESS", "PO Box 1234", "***"),
        ("US_SSN", "123-45-6789", "1*******9"),
        ("DATE_OF_BIRTH", "1990-05-03", "***"),
        ("IP_ADDRESS", "192.0.2.17", "***"),
        ("SOCIAL_ACCOUNT", "abc", "***"),
        ("LOYALTY_CARD", "ML12345678", "M********8"),
    ],
)
def test_an_agent_can_tell_values_apart_and_use_none(kind: str, value: str, mask: str) -> None:
    assert agent_mask(kind, value) == mask


_FIXED = sorted(set(TYPES) - {"EMAIL_ADDRESS", "ADDRESS"})


@given(st.sampled_from(_FIXED), st.text(min_size=1, max_size=40))
def test_a_mask_shows_no_more_than_its_type_allows(kind: str, value: str) -> None:
    assert len(re.sub(r"[\W_]", "", agent_mask(kind, value))) <= shown(kind)


@given(st.text("abcdefghij0123456789._", min_size=1, max_size=40))
def test_of_an_email_address_only_the_first_letter_and_the_domain_show(local: str) -> None:
    mask = agent_mask("EMAIL_ADDRESS", f"{local}@example.com")
    assert re.fullmatch(r".?\*\*\*@example\.com", mask)


@given(st.text("省市区县路街号楼室0123456789建国门朝阳", min_size=1, max_size=40))
def test_no_number_of_an_address_shows(value: str) -> None:
    assert not re.search("[0-9]", agent_mask("ADDRESS", value))


@given(st.sampled_from(_FIXED), st.text("0123456789", min_size=8, max_size=30))
def test_at_least_four_characters_of_a_number_stay_hidden(kind: str, value: str) -> None:
    mask = agent_mask(kind, value)
    assert mask == "***" or mask.count("*") >= 3
    assert value not in mask
