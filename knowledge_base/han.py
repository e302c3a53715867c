"""Han characters: finding them, counting them, writing them the simplified way."""

from __future__ import annotations

import re
from functools import cache

import opencc

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"

_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+")
_CHINESE_FROM = 0.3


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def guess_language(text: str) -> str:
    """`zh`, `en`, or empty without Han characters and Latin words.

    A Latin word counts as much as one Han character, so that product names and addresses in
    a Chinese text do not outvote it. Weakness: Japanese passes for Chinese, French for English.
    """
    han = len(_HAN.findall(text))
    latin = len(_LATIN_WORD.findall(text))
    if not han + latin:
        return ""
    return "zh" if han / (han + latin) >= _CHINESE_FROM else "en"


def simplify(text: str) -> str:
    """Traditional characters become simplified ones; anything else stays."""
    return str(_converter().convert(text)) if has_han(text) else text


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
