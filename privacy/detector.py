"""All recognisers together: where in a text personal data stands.

What is masked must hold when it is read again: `detect` keeps looking until the text with its
placeholders in place contains nothing more, so masking twice changes nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from privacy.custom_types import NO_CUSTOM_TYPES, CustomTypes
from privacy.entities import ACCEPTED, Span
from privacy.long_text import Piece, pieces, whole_end
from privacy.name_rules import believable, beside
from privacy.names import NameFinder
from privacy.normalise import visible
from privacy.patterns import pattern_spans, phone_spans
from privacy.reading import Reading, Recognizer, read
from privacy.recognizers.address_chinese import find_chinese_addresses
from privacy.recognizers.address_latin import find_latin_addresses
from privacy.recognizers.birth_date import find_birth_dates
from privacy.recognizers.card_context import find_announced_cards
from privacy.recognizers.hk_id import find_hong_kong_ids
from privacy.recognizers.iban import find_ibans
from privacy.recognizers.ip_address import find_ip_addresses
from privacy.recognizers.license_plate import find_license_plates
from privacy.recognizers.mo_id import find_macau_ids
from privacy.recognizers.passport import find_passports
from privacy.recognizers.person_chinese import find_chinese_persons
from privacy.recognizers.person_latin import find_latin_persons
from privacy.recognizers.phone_context import find_announced_phones
from privacy.recognizers.phone_national import find_national_phones
from privacy.recognizers.social_account import find_social_accounts
from privacy.recognizers.spoken_digits import find_spoken_numbers
from privacy.recognizers.tw_id import find_taiwan_ids
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
    find_hong_kong_ids,
    find_taiwan_ids,
    find_macau_ids,
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
    find_national_phones,
    _find_phones,
)
"""Of two findings of the same length and score the earlier recogniser names the type."""

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
    "HK_ID",
    "TW_ID",
    "MO_ID",
)


@dataclass
class _Process:
    custom: CustomTypes = NO_CUSTOM_TYPES
    names: NameFinder | None = None


_PROCESS = _Process()


def configure(custom: CustomTypes, names: NameFinder | None = None) -> None:
    """Make a company's own types, and the model that finds names and addresses nobody announces,
    known to all that detects and masks in this process.

    For the composition root, once and before the first text: detection is a property of the
    installation, and a caller that could forget to pass it would leave data in the open.
    """
    _PROCESS.custom, _PROCESS.names = custom, names


def own_types() -> str:
    """Fingerprint of the company's own types in this process; empty where it has none."""
    return _PROCESS.custom.fingerprint


_NUMBER = re.compile("_[0-9]+>$")


def placeholder() -> re.Pattern[str]:
    """What stands in a text for masked data: `<PHONE_NUMBER>`, `<PHONE_NUMBER_2>`."""
    return _placeholder(_PROCESS.custom.names)


@lru_cache(maxsize=8)
def _placeholder(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"<(?:{'|'.join((*TYPES, *names))})(?:_[0-9]{{1,4}})?>")


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
    shown, places = visible(text)
    seen, origins = _unnumbered(shown)
    joined = _joined(
        [span for piece in pieces(seen) for span in _found(seen, piece, every_url=every_url)]
    )
    if len(seen) == len(text):
        return joined
    if len(seen) < len(shown):
        places = [places[origin] for origin in origins]
    return [
        replace(span, start=places[span.start], end=places[span.end - 1] + 1) for span in joined
    ]


def _unnumbered(text: str) -> tuple[str, Sequence[int]]:
    """`text` with <PERSON> for <PERSON_2>, and for each of its characters the offset in `text`.

    What a trained model reads beside a mask must not hang on a number: a text that was masked in
    its conversation is read as if it had been masked alone.
    """
    if "<" not in text:
        return text, range(len(text))
    parts: list[str] = []
    origins: list[int] = []
    position = 0
    for match in placeholder().finditer(text):
        number = _NUMBER.search(match.group())
        if number:
            end = match.start() + number.start()
            parts.append(text[position:end])
            origins += range(position, end)
            position = match.end() - 1
    parts.append(text[position:])
    return "".join(parts), [*origins, *range(position, len(text))]


def _found(text: str, piece: Piece, *, every_url: bool) -> list[Span]:
    """All findings that belong to a piece of `text`, overlaps included, in offsets of `text`."""
    reading = read(piece.text)
    found = [
        span for recognize in RECOGNIZERS for span in recognize(reading) if span.score >= ACCEPTED
    ]
    custom = _PROCESS.custom
    found += custom.find(reading)
    if _PROCESS.names is not None and piece.text:
        [named] = _PROCESS.names.find([piece.text])
        if named:
            found += believable(reading, beside(named, found))
    if not every_url:
        found = [span for span in found if span.recognizer != PLAIN]
    if found and "<" in reading.characters:
        found = _untouched(piece.text, found)
    found = custom.without_spared(reading, found)
    if len(piece.text) == len(text):
        return found
    return [
        replace(
            span,
            start=span.start + piece.offset,
            end=whole_end(text, span.end + piece.offset, piece=piece),
        )
        for span in found
        if piece.first <= span.start + piece.offset < piece.last
    ]


def _untouched(text: str, found: list[Span]) -> list[Span]:
    """The findings that share no character with a placeholder."""
    taken = [match.span() for match in placeholder().finditer(text)]
    ends = [end for _, end in taken]
    return [
        span
        for span in found
        # The first placeholder that ends behind the finding's start must begin behind its end.
        if (place := bisect_right(ends, span.start)) == len(taken) or taken[place][0] >= span.end
    ]


def _joined(found: list[Span]) -> list[Span]:
    """Overlapping findings become one over all they cover, with the type of the longest,
    or of the surer of two as long.

    To keep the longest alone would leave the rest of the other in the open.
    """
    joined: list[tuple[int, int, Span]] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if joined and span.start < joined[-1][1]:
            start, end, longest = joined[-1]
            longest = max(longest, span, key=lambda each: (len(each), each.score))
            joined[-1] = (start, max(end, span.end), longest)
        else:
            joined.append((span.start, span.end, span))
    return [
        longest if len(longest) == end - start else replace(longest, start=start, end=end)
        for start, end, longest in joined
    ]


def _in_original(new: list[Span], earlier: list[Span]) -> Iterator[Span]:
    """Spans of the masked text as spans of the text before masking; none touches a mask.

    Both lists are in order, so each is walked once.
    """
    shift = passed = 0
    for span in new:
        while passed < len(earlier) and earlier[passed].start < span.start + shift:
            shift += len(earlier[passed]) - len(f"<{earlier[passed].type}>")
            passed += 1
        yield replace(span, start=span.start + shift, end=span.end + shift) if shift else span
