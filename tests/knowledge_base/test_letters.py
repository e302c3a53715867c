"""Radicals and ligatures from PDF files become characters that people type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.han import has_han
from knowledge_base.readers.letters import _SUPPLEMENT, as_typed


def test_every_kangxi_radical_becomes_a_character() -> None:
    for code in range(0x2F00, 0x2FD6):
        assert has_han(as_typed(chr(code)))


def test_the_table_names_radicals_of_unicode_and_whole_characters() -> None:
    for code, character in _SUPPLEMENT.items():
        assert unicodedata.name(chr(code)).startswith("CJK RADICAL")
        assert has_han(character)
        assert as_typed(chr(code)) == character


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("C-SIMPLIFIED SEE", "见"),
        ("C-SIMPLIFIED SHELL", "贝"),
        ("C-SIMPLIFIED CART", "车"),
        ("C-SIMPLIFIED LONG", "长"),
        ("C-SIMPLIFIED GATE", "门"),
        ("C-SIMPLIFIED LEAF", "页"),
        ("C-SIMPLIFIED WIND", "风"),
        ("C-SIMPLIFIED FLY", "飞"),
        ("C-SIMPLIFIED HORSE", "马"),
        ("C-SIMPLIFIED FISH", "鱼"),
        ("C-SIMPLIFIED BIRD", "鸟"),
        ("SIMPLIFIED WHEAT", "麦"),
        ("C-SIMPLIFIED EVEN", "齐"),
        ("C-SIMPLIFIED TOOTH", "齿"),
        ("C-SIMPLIFIED DRAGON", "龙"),
    ],
)
def test_a_simplified_radical_is_the_character_that_its_name_says(
    name: str, character: str
) -> None:
    assert as_typed(unicodedata.lookup(f"CJK RADICAL {name}")) == character


@given(st.text())
def test_what_people_type_stays_as_it_is(text: str) -> None:
    assert as_typed(as_typed(text)) == as_typed(text)
    assert as_typed("：①㎡Ａ退货") == "：①㎡Ａ退货"
