"""Numbers written as they are read out in Chinese, 一三八零零一三八零零零, or half in digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from privacy.entities import Span
from privacy.patterns import pattern_spans
from privacy.reading import Reading
from privacy.recognizers.card_context import find_announced_cards
from privacy.recognizers.phone_context import find_announced_phones

_NUMERALS = {
    numeral: str(value)
    for value, numerals in enumerate(
        (
            "零〇○",
            "一壹幺",
            "二贰貳",
            "三叁參",
            "四肆",
            "五伍",
            "六陆陸",
            "七柒",
            "八捌",
            "九玖",
        )
    )
    for numeral in numerals
}
_TABLE = str.maketrans(_NUMERALS)
_SOME = frozenset(_NUMERALS)
_LEAST = 7
_DIGIT = f"[0-9{''.join(sorted(_SOME))}]"
_RUN = re.compile(rf"(?:{_DIGIT}[ ,、.\-]{{0,2}}){{{_LEAST - 1}}}{_DIGIT}")


def as_digits(text: str) -> str:
    """Chinese numerals that are read out as digits, one character for one."""
    return text.translate(_TABLE)


def numeral_like(old: str, digit: str) -> str:
    """`digit` in the numerals that `old` belongs to: 一 and 4 give 四, 1 and 4 give 4."""
    if old not in _SOME or not digit.isdigit():
        return digit
    return ("零一二三四五六七八九")[int(digit)]


def find_spoken_numbers(reading: Reading) -> Iterator[Span]:
    if _SOME.isdisjoint(reading.characters) or not _RUN.search(reading.plain):
        return
    # Pauses between the groups are written as commas.
    digits = re.sub("(?<=[0-9])[,、](?=[0-9])", " ", reading.plain.translate(_TABLE))
    # Numerals become ASCII, so the lower case changes nowhere else.
    heard = replace(
        reading,
        plain=digits,
        lower=re.sub("(?<=[0-9])[,、](?=[0-9])", " ", reading.lower.translate(_TABLE)),
        digits=sum(character in "0123456789" for character in digits),
    )
    for span in (
        *pattern_spans(digits),
        *find_announced_phones(heard),
        *find_announced_cards(heard),
    ):
        if not _SOME.isdisjoint(reading.plain[span.start : span.end]):
            yield replace(span, recognizer=f"spoken_{span.recognizer}")
