"""Passports and travel permits, only where somebody says that it is one.

Chinese passports: E, EA-EZ, G, D, S or P and up to eight digits (National Immigration
Administration). Other countries: ICAO 9303, up to nine letters and digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_WORDS = ("护照", "護照", "passport", "通行证", "通行證", "travel permit")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[A-Za-z]{1,2}[0-9]{6,8}|[0-9]{8,9})(?![0-9A-Za-z])")
_BEFORE, _AFTER = 30, 12
# Another number or sentence in between means that the word speaks of something else.
_APART = re.compile(r"[0-9]|[。!?;\n]|订单|order|电话|phone")


def find_passports(reading: Reading) -> Iterator[Span]:
    if reading.digits < 6 or not any(word in reading.lower for word in _WORDS):
        return
    for match in _NUMBER.finditer(reading.plain):
        before = reading.lower[max(0, match.start() - _BEFORE) : match.start()]
        after = reading.lower[match.end() : match.end() + _AFTER]
        if _named(before) or _follows(after):
            yield Span(match.start(), match.end(), "PASSPORT", "passport")


def _named(before: str) -> bool:
    place = max(before.rfind(word) for word in _WORDS)
    return place >= 0 and not _APART.search(before[place:])


def _follows(after: str) -> bool:
    places = [place for word in _WORDS if (place := after.find(word)) >= 0]
    between = after[: min(places)] if places else None
    return (
        between is not None and bool(re.search("是|为|is", between)) and not _APART.search(between)
    )
