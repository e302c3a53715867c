"""Street addresses written the English way: number, street name, kind of street."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_KIND = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq"
    "|Terrace|Parkway|Pkwy|Highway|Hwy|Circle|Crescent|Close|Gardens|Alley|Mews"
)
_NAME = (
    r"(?:(?!(?:In|On|At|The|My|Of|To|For|And|With|Is|By) )"
    r"[A-ZÀ-Þ][A-Za-zÀ-ɏ'’.\-]{0,20}|[0-9]{1,3}(?:st|nd|rd|th))"
)
_UNIT = (
    r"(?:,? ?(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Rm)\.? ?|# ?)[A-Za-z0-9\-]{1,6})?"
)
_TOWN = (
    r"(?:,? [A-ZÀ-Þ][A-Za-zÀ-ɏ'’.\-]{1,20}(?: [A-ZÀ-Þ][a-zà-ɏ]{1,20}){0,2},? "
    r"(?:[A-Z]{2},? [0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}))?"
)
_STREET = re.compile(
    rf"(?<![0-9A-Za-z.,$€£¥#])[0-9]{{1,6}}[A-Za-z]?,? (?:[NSEW]\.? )?(?:{_NAME} ){{1,4}}(?:{_KIND})"
    rf"(?![A-Za-z])\.?{_UNIT}{_TOWN}"
)
# Small letters are believed for the words that hardly mean anything else.
_SMALL = re.compile(
    r"(?<![0-9a-z.,$€£¥#])[0-9]{1,6} "
    r"(?:(?!(?:st|nd|rd|th|the|in|on|of|to|for|at|and|or|by|from|is|was) )[a-z]{2,20} ){1,2}"
    r"(?:street|avenue|boulevard)(?![a-z])(?:,? (?:apt|unit|suite|flat)\.? ?[a-z0-9\-]{1,6})?"
)
_BOX = re.compile(r"(?<![a-z])p\.?o\.? ?box [0-9]{1,8}(?![0-9])")
_CAPITAL_HINT = re.compile(rf" (?:{_KIND})(?![A-Za-z])")
_SMALL_HINTS = ("street", "avenue", "boulevard")


def find_latin_addresses(reading: Reading) -> Iterator[Span]:
    if not reading.digits or " " not in reading.characters:
        return
    if _CAPITAL_HINT.search(reading.plain):
        for match in _STREET.finditer(reading.plain):
            yield Span(match.start(), match.end(), "ADDRESS", "street_address", 0.85, "grammar")
    if any(hint in reading.lower for hint in _SMALL_HINTS):
        for match in _SMALL.finditer(reading.lower):
            yield Span(match.start(), match.end(), "ADDRESS", "street_address", 0.85, "grammar")
    if "box" in reading.lower:
        for match in _BOX.finditer(reading.lower):
            yield Span(match.start(), match.end(), "ADDRESS", "po_box", 0.9, "grammar")
