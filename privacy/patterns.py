r"""Patterns as data. Boundaries are ASCII look-arounds: `\b` sees no border between 是 and 4.

Sources: e-mail RFC 5321 in its common form; mobile numbers MIIT numbering plan `1[3-9]` + 9;
landlines area code 0 + 2-3 digits; E.164 for foreign numbers; cards ISO/IEC 7812-1 with Luhn;
resident identity card GB 11643-1999.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from phonenumbers import PhoneNumberMatcher

from privacy.checksums import luhn_valid, resident_id_valid
from privacy.entities import Span

# People and phones put spaces, dashes, dots and invisible characters between digits.
_GAP = "[ .\\-/\u00ad\u200b-\u200f\u2060\ufeff]{0,3}"
_NOT_AFTER = r"(?<![0-9A-Za-z_])"
_NO_DIGIT_BEFORE = r"(?<![0-9])"
_NOT_BEFORE = r"(?![0-9A-Za-z_])"


@dataclass(frozen=True)
class Pattern:
    name: str
    type: str
    regex: re.Pattern[str]
    valid: Callable[[str], bool] | None = None
    """Called with digits and letters only."""


def _digits(count: str) -> str:
    return rf"(?:[0-9]{_GAP}){count}"


def _card_valid(number: str) -> bool:
    return len(set(number)) > 1 and luhn_valid(number)


# The provinces of GB/T 2260, and 81 to 83 of residence permits.
_REGIONS = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 "
    "71 81 82 83 91".split()
)


def _resident_valid(number: str) -> bool:
    """One long order number in eleven has a right check character; few have region and birthday."""
    return (
        number[:2] in _REGIONS
        and number[6:8] in {"18", "19", "20"}
        and 1 <= int(number[10:12]) <= 12
        and 1 <= int(number[12:14]) <= 31
        and resident_id_valid(number)
    )


PATTERNS = (
    Pattern(
        "email",
        "EMAIL_ADDRESS",
        re.compile(
            # The local part may be of any script (RFC 6531), except where words run on without
            # spaces: Chinese characters belong to it only if they are all of it.
            r"(?:(?<![\w.%+\-'])[^\W\u3400-\u9fff][\w.%+\-']{0,63}"
            r"|[A-Za-z0-9][A-Za-z0-9._%+\-']{0,63}|(?<![\w.])[\u3400-\u9fff]{2,4})@"
            r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])"
        ),
    ),
    Pattern(
        "cn_resident_id",
        "CN_RESIDENT_ID",
        re.compile(rf"{_NOT_AFTER}[1-9]{_GAP}{_digits('{16}')}[0-9Xx]{_NOT_BEFORE}"),
        _resident_valid,
    ),
    Pattern(
        "bank_card",
        "BANK_CARD",
        # 1800 with 15 digits is JCB's; all others begin with 2 to 6.
        re.compile(
            rf"{_NO_DIGIT_BEFORE}(?:[2-6]{_GAP}{_digits('{11,17}')}|1800{_GAP}{_digits('{10}')})"
            r"[0-9](?![0-9])"
        ),
        _card_valid,
    ),
    Pattern(
        "cn_mobile",
        "PHONE_NUMBER",
        re.compile(
            # 1-800-555-0199 is a free number of North America.
            rf"{_NO_DIGIT_BEFORE}(?!1[ .\-]{{1,3}}\(?8(?:00|33|44|55|66|77|88)\)?[ .\-])"
            rf"(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9]{_GAP}{_digits('{8}')}[0-9](?![0-9])"
        ),
    ),
    Pattern(
        "cn_landline",
        "PHONE_NUMBER",
        re.compile(
            rf"{_NO_DIGIT_BEFORE}\(?0[1-9][0-9]{{1,2}}\)?[ \-]{{0,3}}"
            r"[2-9][0-9]{2,3}[ \-]?[0-9]{4}(?![0-9])"
        ),
    ),
)


# Free numbers are companies': 400 and 800 in China, 800 and 8xx twice in North America.
_HOTLINE = re.compile(
    r"(?:\+?86[ \-]?)?[48]00(?:[ \-]|[0-9]{7}(?![0-9]))"
    r"|(?:\+?1[ .\-]{0,3})?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]"
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}[\-/.][01]?[0-9][\-/.][0-3]?[0-9](?![0-9])")
_WRITTEN_AS_PHONE = re.compile(r"\+?\(?[0-9](?:[ ().\-/]{0,3}[0-9]){6,17}")
_COMPACT = re.compile("[^0-9A-Za-z]")


def pattern_spans(text: str) -> list[Span]:
    """Every match of every pattern in normalised text, overlaps included."""
    found = []
    for pattern in PATTERNS:
        for match in pattern.regex.finditer(text):
            if pattern.valid is None or pattern.valid(_COMPACT.sub("", match.group())):
                found.append(Span(match.start(), match.end(), pattern.type, pattern.name))
    return found


def phone_spans(text: str) -> list[Span]:
    """International and North American numbers by libphonenumber.

    Ten bare digits may as well be an order number: a number without a country code counts only
    when it is written like a phone number. 400 and 800 hotlines of companies are nobody's.
    """
    if not any(_worth_parsing(match.group()) for match in _WRITTEN_AS_PHONE.finditer(text)):
        return []
    return [
        Span(match.start, match.end, "PHONE_NUMBER", "libphonenumber")
        for match in PhoneNumberMatcher(text, "US")
        if not match.raw_string.isdigit() and not looks_like_hotline(match.raw_string)
    ]


def _worth_parsing(run: str) -> bool:
    """libphonenumber takes far longer than all patterns together, so it is asked rarely."""
    return not run.isdigit() and not looks_like_date(run)


def looks_like_date(number: str) -> bool:
    return _DATE.match(number) is not None


def looks_like_hotline(number: str) -> bool:
    return _HOTLINE.match(number) is not None
