"""All recognisers together: where in a text personal data stands.

What is masked must hold when it is read again: `detect` keeps looking until the text with its
placeholders in place contains nothing more, so masking twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from privacy.entities import Span
from privacy.patterns import pattern_spans, phone_spans
from privacy.reading import Reading, Recognizer, read
from privacy.recognizers.address_chinese import find_chinese_addresses
from privacy.recognizers.address_latin import find_latin_addresses
from privacy.recognizers.birth_date import find_birth_dates
from privacy.recognizers.card_context import find_announced_cards
from privacy.recognizers.iban import find_ibans
from privacy.recognizers.ip_address import find_ip_addresses
from privacy.recognizers.license_plate import find_license_plates
from privacy.recognizers.passport import find_passports
from privacy.recognizers.person_chinese import find_chinese_persons
from privacy.recognizers.person_latin import find_latin_persons
from privacy.recognizers.phone_context import find_announced_phones
from privacy.recognizers.social_account import find_social_accounts
from privacy.recognizers.spoken_digits import find_spoken_numbers
from privacy.recognizers.url import PLAIN, find_urls
from privacy.recognizers.us_ssn import find_us_ssns
from privacy.recognizers.uscc import find_usccs


def _find_patterns(reading: Reading) -> list[Span]:
    return pattern_spans(reading.plain)


def _find_phones(reading: Reading) -> list[Span]:
    return phone_spans(reading.plain) if reading.digits >= 7 else []


RECOGNIZERS: tuple[Recognizer, ...] = (
    find_ip_addresses,
    _find_patterns,
    find_spoken_numbers,
    find_us_ssns,
    find_ibans,
    find_usccs,
    find_passports,
    find_license_plates,
    find_social_accounts,
    find_birth_dates,
    find_urls,
    find_chinese_persons,
    find_latin_persons,
    find_chinese_addresses,
    find_latin_addresses,
    find_announced_cards,
    find_announced_phones,
    _find_phones,
)
"""Of two findings of the same length the earlier recogniser names the type."""

TYPES = (
    "PERSON",
    "PHONE_NUMBER",
    "EMAIL_ADDRESS",
    "CN_RESIDENT_ID",
    "BANK_CARD",
    "ADDRESS",
    "CN_LICENSE_PLATE",
    "PASSPORT",
    "IBAN",
    "IP_ADDRESS",
    "SOCIAL_ACCOUNT",
    "DATE_OF_BIRTH",
    "CN_USCC",
    "URL",
    "US_SSN",
)
PLACEHOLDER = re.compile(rf"<(?:{'|'.join(TYPES)})(?:_[0-9]{{1,4}})?>")


def detect(text: str, *, every_url: bool = False) -> list[Span]:
    """Spans in order, without overlaps.

    A web address counts only if it carries a person or a secret, unless `every_url`: customers
    ask about pages.
    """
    found: list[Span] = []
    current = text
    while new := _pass(current, every_url=every_url):
        shifted = list(_in_original(new, found))
        found = sorted([*found, *shifted])
        current = mask(text, found)
    return found


def mask(text: str, spans: Sequence[Span]) -> str:
    """Each span, in order and without overlaps, replaced by its type in angle brackets."""
    parts: list[str] = []
    position = 0
    for span in spans:
        parts += [text[position : span.start], f"<{span.type}>"]
        position = span.end
    return "".join([*parts, text[position:]])


def _pass(text: str, *, every_url: bool) -> list[Span]:
    reading = read(text)
    found = [span for recognize in RECOGNIZERS for span in recognize(reading)]
    if not every_url:
        found = [span for span in found if span.recognizer != PLAIN]
    if found and "<" in reading.characters:
        taken = [match.span() for match in PLACEHOLDER.finditer(text)]
        found = [
            span
            for span in found
            if all(span.end <= start or end <= span.start for start, end in taken)
        ]
    return _joined(found)


def _joined(found: list[Span]) -> list[Span]:
    """Overlapping findings become one over all they cover, with the type of the longest.

    To keep the longest alone would leave the rest of the other in the open.
    """
    joined: list[tuple[int, int, Span]] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if joined and span.start < joined[-1][1]:
            start, end, longest = joined[-1]
            longest = span if len(span) > len(longest) else longest
            joined[-1] = (start, max(end, span.end), longest)
        else:
            joined.append((span.start, span.end, span))
    return [
        Span(start, end, longest.type, longest.recognizer, longest.score)
        for start, end, longest in joined
    ]


def _in_original(new: list[Span], earlier: list[Span]) -> Iterator[Span]:
    """Spans of the masked text as spans of the text before masking; none touches a mask."""
    for span in new:
        shift = 0
        for known in earlier:
            if known.start >= span.start + shift:
                break
            shift += len(known) - len(f"<{known.type}>")
        start, end = span.start + shift, span.end + shift
        yield Span(start, end, span.type, span.recognizer, span.score)
