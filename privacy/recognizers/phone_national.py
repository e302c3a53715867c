"""Phone numbers as people write them at home, in any of many countries: 32 13 33 40, 07407 615693.

Nothing announces them, so the digits must be a valid number of a country *and* stand in the groups
in which that country writes them; both from libphonenumber's metadata. A number that begins with
the 0 of a trunk call may stand in any groups: order numbers do not begin so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    PhoneNumberType,
)

from privacy.context import says_otherwise
from privacy.entities import Span
from privacy.patterns import looks_like_date, looks_like_hotline
from privacy.reading import Reading

COUNTRIES = (
    "GB IE AU NZ ZA IN SG HK TW JP KR DE AT CH FR BE NL LU DK NO SE FI IS IT ES PT BR MX AR CL PL "
    "CZ SK HU RO SI HR GR TR RU UA IL AE SA EG NG KE TH VN MY PH ID CY EE"
).split()
_PERSONS = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.VOIP,
}
"""Free numbers and those of shared cost are companies'."""
_FEWEST, _MOST = 8, 12
_MOST_LOOKED_AT = 200
"""Runs of digits in one piece of a text, after which it is a table and no message."""

_RUN = re.compile(
    r"(?<![0-9A-Za-z_.\-/+:#=$€£¥~])(?<![#$€£¥] )(?!\(?080[08])"
    r"(?:(?:[0-9] )?\([0-9]{1,4}(?: [0-9]{1,2})?\)[ ]?|[0-9]{1,6}[ .\-])"
    r"(?:[0-9]{2,8}[ .\-]){0,4}[0-9]{2,8}"
    r"(?![0-9A-Za-z_:%€£¥$]|[./,][0-9]|-[0-9A-Za-z]| [0-9]|[ ]?[元圆块%年月])"
)
_GROUPS = re.compile("[0-9]+")
_RANGE = re.compile("[0-9]{4,5}-[0-9]{4}|(?:19|20)[0-9]{2}[ .](?:19|20)[0-9]{2}")
_DAY_FIRST = re.compile(r"[0-3]?[0-9]([.\- ])[01]?[0-9]\1(?:19|20)?[0-9]{2}")


def find_national_phones(reading: Reading) -> Iterator[Span]:
    if reading.digits < _FEWEST:
        return
    for looked_at, match in enumerate(_RUN.finditer(reading.plain)):
        if looked_at == _MOST_LOOKED_AT:
            return
        run, (start, end) = match.group(), match.span()
        # What stands on two lines is no number; in `plain` their break is a space.
        country = "" if "\n" in reading.text[start:end] else _country(run)
        if country and not says_otherwise(reading.plain, start, end):
            yield Span(start, end, "PHONE_NUMBER", "national_format", 0.6, f"format:{country}")


@lru_cache(maxsize=4096)
def _country(run: str) -> str:
    """The first country that writes its numbers so; empty if none does."""
    groups = _GROUPS.findall(run)
    digits = "".join(groups)
    if not _FEWEST <= len(digits) <= _MOST or len(set(digits)) < 3:
        return ""
    if looks_like_date(run) or looks_like_hotline(run) or _is_something_else(run):
        return ""
    return next((each for each in COUNTRIES if _is_written_in(each, digits, groups)), "")


def _is_something_else(run: str) -> bool:
    """A day, from one number to another, or a postcode of nine digits."""
    return bool(_RANGE.fullmatch(run) or _DAY_FIRST.fullmatch(run))


def _is_written_in(country: str, digits: str, groups: list[str]) -> bool:
    metadata = _metadata(country)
    trunk = metadata.national_prefix or ""
    significant = digits.removeprefix(trunk)
    general = metadata.general_desc
    lengths = () if general is None else general.possible_length
    if len(digits) not in lengths and len(significant) not in lengths:
        return False
    try:
        number = phonenumbers.parse(digits, country)
    except NumberParseException:
        return False
    if phonenumbers.number_type(number) not in _PERSONS:
        return False
    if phonenumbers.region_code_for_number(number) != country:
        return False
    if trunk == "0" and digits.startswith("0"):
        return True
    written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return _GROUPS.findall(written) == groups


@lru_cache(maxsize=len(COUNTRIES))
def _metadata(country: str) -> PhoneMetadata:
    found = PhoneMetadata.metadata_for_region(country)
    if found is None:
        raise LookupError(f"libphonenumber knows no country {country}")
    return found
