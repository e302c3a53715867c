"""Numbers written as they are read out in Chinese: 一三八零零一三八零零零."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.patterns import pattern_spans
from privacy.reading import Reading

_NUMERALS = {
    numeral: str(value)
    for value, numerals in enumerate(
        ("零〇", "一壹幺", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for numeral in numerals
}
_TABLE = str.maketrans(_NUMERALS)
_SOME = frozenset(_NUMERALS)
_RUN = re.compile(rf"(?:[0-9{''.join(sorted(_SOME))}][ ,、\-]{{0,2}}){{11}}")


def find_spoken_numbers(reading: Reading) -> Iterator[Span]:
    if _SOME.isdisjoint(reading.characters) or not _RUN.search(reading.plain):
        return
    # Pauses between the groups are written as commas.
    digits = re.sub("(?<=[0-9])[,、](?=[0-9])", " ", reading.plain.translate(_TABLE))
    for span in pattern_spans(digits):
        if not _SOME.isdisjoint(reading.plain[span.start : span.end]):
            yield Span(span.start, span.end, span.type, f"spoken_{span.recognizer}")
