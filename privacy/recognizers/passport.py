"""Passports and travel permits, only where somebody says that it is one.

Chinese passports: E, EA-EZ, G, D, S or P and up to eight digits; permits for Hong Kong, Macau and
Taiwan: C, W, L or T and eight digits, or C, a letter and seven; those of people from there for the
mainland: H or M with 8 or 10 digits (Hong Kong, Macau), 8 or 10 digits (Taiwan); the permanent
residence card before 2023: a country's three letters and 12 digits (all: National Immigration
Administration). Other countries: ICAO 9303, up to nine letters and digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_WORDS = (
    "护照",
    "護照",
    "通行证",
    "通行證",
    "回乡证",
    "回鄉證",
    "台胞证",
    "台胞證",
    "臺胞證",
    "居留证",
    "居留许可",
    "居留卡",
    "永久居留",
    "永居",
    "居住证",
    "passport",
    "travel permit",
    "entry permit",
    "return permit",
    "residence permit",
    "resident permit",
    "residence card",
)
_HINTS = re.compile("|".join(_WORDS))
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?:[A-Za-z]{1,2}[ \-.]?(?:[0-9]{6,8}|[0-9]{4}[ \-.][0-9]{4})"
    r"|[HMhm][ \-.]?[0-9]{8}[ \-.]?[0-9]{2}|[0-9]{8,10}"
    r"|[A-Za-z]{3}[ \-.]?[0-9]{4}[ \-.]?[0-9]{4}[ \-.]?[0-9]{4})(?![0-9A-Za-z])"
)
_BEFORE, _AFTER = 30, 12
# Another number or sentence in between means that the word speaks of something else.
_APART = re.compile(r"[0-9]|[。!?;\n]|订单|單號|单号|order|电话|phone")


def find_passports(reading: Reading) -> Iterator[Span]:
    if reading.digits < 6 or not _HINTS.search(reading.lower):
        return
    for match in _NUMBER.finditer(reading.plain):
        before = reading.lower[max(0, match.start() - _BEFORE) : match.start()]
        after = reading.lower[match.end() : match.end() + _AFTER]
        said = _named(before) or _follows(after)
        if said:
            reason = f"context:{said}"
            yield Span(match.start(), match.end(), "PASSPORT", "passport", 0.85, reason)


def _named(before: str) -> str:
    last = max(_HINTS.finditer(before), key=lambda found: found.start(), default=None)
    return last.group() if last and not _APART.search(before[last.start() :]) else ""


def _follows(after: str) -> str:
    first = _HINTS.search(after)
    if first is None:
        return ""
    between = after[: first.start()]
    said = re.search("是|为|is", between) and not _APART.search(between)
    return first.group() if said else ""
