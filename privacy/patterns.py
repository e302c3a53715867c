r"""Patterns as data. Boundaries are ASCII look-arounds: `\b` sees no border between 是 and 4.

Sources: e-mail RFC 5321 in its common form; mobile numbers MIIT numbering plan `1[3-9]` + 9;
landlines area code 0 + 2-3 digits; E.164 for foreign numbers; cards ISO/IEC 7812-1 with Luhn;
resident identity card GB 11643-1999, and 1989 with 15 digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from phonenumbers import PhoneNumberMatcher

from privacy.card_networks import of_a_network
from privacy.checksums import luhn_valid, resident_id_valid
from privacy.context import card_word, identity_word, phone_word, says_otherwise
from privacy.entities import ACCEPTED, Span

# People and phones put spaces, dashes, dots and strokes between digits.
_GAP = r"[ .\-/_·•・]{0,3}"
_NOT_AFTER = r"(?<![0-9A-Za-z_])"
_NO_DIGIT_BEFORE = r"(?<![0-9])"
_NOT_BEFORE = r"(?![0-9A-Za-z_])"
_LOWERED = 0.4
"""What a word that says something else takes from a score."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text[start:end]` has the form; whether it is meant, its digits and surroundings say."""

    text: str
    start: int
    end: int
    number: str
    """Digits and letters only."""

    @property
    def bare(self) -> bool:
        return self.end - self.start == len(self.number)


Judgement = tuple[float, str]
"""Score and reason; the score 0 is for a number that cannot be one."""
_NONE: Judgement = (0.0, "")


@dataclass(frozen=True)
class Pattern:
    name: str
    type: str
    regex: re.Pattern[str]
    judge: Callable[[Candidate], Judgement]


def _digits(count: str) -> str:
    return rf"(?:[0-9]{_GAP}){count}"


def _spaced(form: str) -> str:
    """A form in which d stands for any digit, with gaps between its places."""
    places = re.findall(r"\[[^]]+\]|d", form)
    return _GAP.join(place.replace("d", "[0-9]") for place in places)


# The provinces of GB/T 2260, and 81 to 83 of residence permits for people of Hong Kong, Macau and
# Taiwan.
REGIONS = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 "
    "71 81 82 83 91".split()
)
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _day_of_year(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= DAYS[int(month) - 1]


def _judge_email(_: Candidate) -> Judgement:
    return 0.95, "format"


def _judge_resident(found: Candidate) -> Judgement:
    """One long order number in eleven has a right check character; few have region and birthday.

    A foreigner's permanent residence card of 2023 has 9 before the province, and its country's
    number after. With one digit mistyped the check fails and the person is still known, so a word
    does instead of it.
    """
    number = found.number
    region = number[1:3] if number[0] == "9" else number[:2]
    if region not in REGIONS and number[:2] not in REGIONS:
        return _NONE
    if number[6:8] not in {"18", "19", "20"} or not _day_of_year(number[10:12], number[12:14]):
        return _NONE
    if resident_id_valid(number):
        return 0.99, "checksum"
    said = identity_word(found.text, found.start)
    return (0.7, f"context:{said}") if said else _NONE


def _judge_old_resident(found: Candidate) -> Judgement:
    """Without a check character, so region and date must be right *and* a word must say it.

    Fifteen digits with a plausible region and date are 1 order number in 80.
    """
    number = found.number
    if number[:2] not in REGIONS or not _day_of_year(number[8:10], number[10:12]):
        return _NONE
    said = identity_word(found.text, found.start)
    return (0.85, f"context:{said}") if said else _NONE


def _judge_card(found: Candidate) -> Judgement:
    number = found.number
    if len(set(number)) == 1:
        return _NONE
    network, luhn = of_a_network(number), luhn_valid(number)
    if network and luhn:
        return 0.99, "checksum"
    if not network and not luhn:
        return _NONE
    said = card_word(found.text, found.start)
    if said:
        return (0.7 if network else 0.9), f"context:{said}"
    if network:
        return _NONE
    if _IN_FOURS.fullmatch(found.text, found.start, found.end):
        return 0.7, "checksum"
    return ACCEPTED - _LOWERED, "checksum"


def _judge_phone(found: Candidate) -> Judgement:
    said = phone_word(found.text, found.start)
    if said:
        return 0.95, f"context:{said}"
    if found.bare and says_otherwise(found.text, found.start, found.end):
        return 0.75 - _LOWERED, "format"
    return 0.75, "format"


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
        _judge_email,
    ),
    Pattern(
        "cn_resident_id",
        "CN_RESIDENT_ID",
        re.compile(
            rf"{_NOT_AFTER}{_spaced('[1-9]ddddd[12][890]dd[01]d[0-3]dddd[0-9Xx]')}{_NOT_BEFORE}"
        ),
        _judge_resident,
    ),
    Pattern(
        "cn_resident_id_15",
        "CN_RESIDENT_ID",
        re.compile(rf"{_NOT_AFTER}{_spaced('[1-9]ddddddd[01]d[0-3]dddd')}{_NOT_BEFORE}"),
        _judge_old_resident,
    ),
    Pattern(
        "bank_card",
        "BANK_CARD",
        # 1800 with 15 digits is JCB's, 9558 ICBC's, 81 UnionPay's; all others begin with 2 to 6.
        re.compile(
            rf"{_NO_DIGIT_BEFORE}(?=[2-6]|81|1{_GAP}8{_GAP}0{_GAP}0|9{_GAP}5{_GAP}5{_GAP}8)"
            rf"[0-9](?:{_GAP}[0-9]){{12,18}}"
        ),
        _judge_card,
    ),
    Pattern(
        "cn_mobile",
        "PHONE_NUMBER",
        re.compile(
            # 1-800-555-0199 is a free number of North America.
            rf"{_NO_DIGIT_BEFORE}(?!1[ .\-]{{1,3}}\(?8(?:00|33|44|55|66|77|88)\)?[ .\-])"
            rf"(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9]{_GAP}{_digits('{8}')}[0-9](?![0-9])"
        ),
        _judge_phone,
    ),
    Pattern(
        "cn_landline",
        "PHONE_NUMBER",
        re.compile(
            rf"{_NO_DIGIT_BEFORE}\(?0[1-9][0-9]{{1,2}}\)?[ .\-]{{0,3}}"
            r"[2-9][0-9]{2,3}[ .\-]?[0-9]{4}(?![0-9])"
        ),
        _judge_phone,
    ),
    Pattern(
        "national_phone",
        "PHONE_NUMBER",
        re.compile(
            # As most countries write a number at home: a 0, then groups, nine to eleven digits in
            # all (E.123). Not 0800, which is nobody's, and not a day before a month and a year.
            r"(?<![0-9A-Za-z.\-/+:])(?!\(?080[08])(?![0-3]?[0-9][.\-][01]?[0-9][.\-](?:19|20)[0-9]{2})"
            r"(?![0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9]))(?=\(?0(?:[ .\-)]{0,2}[0-9]){8,10}(?![0-9]))"
            r"\(?0[0-9]{1,4}\)?(?:[ .\-][0-9]{2,4}){2,4}(?![0-9A-Za-z:]|[.\-/][0-9])"
        ),
        _judge_phone,
    ),
)


# Hotlines are companies': 400 and 800, 951 and 1010 with eight digits in China, 8xx twice in North
# America. Those of five digits, 95xxx, are no match for any pattern.
_HOTLINE = re.compile(
    r"(?:\+?86[ \-]?)?[48]00(?:[ .\-]|[0-9]{7}(?![0-9]))"
    r"|(?:951[0-9]|1010)[ \-]?[0-9]{4}(?![ \-]?[0-9])"
    r"|95[0-9]{3}(?![0-9])"
    r"|(?:\+?1[ .\-]{0,3})?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]"
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}[\-/.][01]?[0-9][\-/.][0-3]?[0-9](?![0-9])")
_WRITTEN_AS_PHONE = re.compile(r"\+?\(?[0-9](?:[ ().\-/]{0,3}[0-9]){6,17}")
_COMPACT = re.compile("[^0-9A-Za-z]")
_IN_FOURS = re.compile(r"[0-9]{4}([ \-/._·])[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,4}){1,2}")
_LAST_GROUP = re.compile("[^0-9]+[0-9]+$")
_LEAST_CARD = 13
_MOST_READINGS = 4
_MOST_TRIES = 500
"""What libphonenumber may find to be no number before it gives up, in one piece of a text."""


def pattern_spans(text: str) -> list[Span]:
    """Every match of every pattern in normalised text, overlaps included."""
    found = []
    for pattern in PATTERNS:
        position = 0
        while match := pattern.regex.search(text, position):
            span = _judged(pattern, text, match.start(), match.end())
            if span is None:
                # A date before a number may have taken its first digits.
                position = match.start() + 1
            else:
                found.append(span)
                position = span.end
    return found


def _judged(pattern: Pattern, text: str, start: int, end: int) -> Span | None:
    """The longest reading that is believed; a card's expiry and code may follow its number."""
    for _ in range(_MOST_READINGS):
        number = _COMPACT.sub("", text[start:end])
        if pattern.type == "BANK_CARD" and len(number) < _LEAST_CARD:
            return None
        if not text[end : end + 1].isdigit() or pattern.type != "BANK_CARD":
            score, reason = pattern.judge(Candidate(text, start, end, number))
            if score >= ACCEPTED:
                return Span(start, end, pattern.type, pattern.name, score, reason)
        shorter = _LAST_GROUP.search(text, start, end) if pattern.type == "BANK_CARD" else None
        if shorter is None:
            return None
        end = shorter.start()
    return None


def phone_spans(text: str) -> list[Span]:
    """International and North American numbers by libphonenumber.

    Ten bare digits may as well be an order number: a number without a country code counts only
    when it is written like a phone number. 400 and 800 hotlines of companies are nobody's.
    """
    if not any(_worth_parsing(match.group()) for match in _WRITTEN_AS_PHONE.finditer(text)):
        return []
    return list(_parsed_phones(text))


def _parsed_phones(text: str) -> Iterator[Span]:
    for match in PhoneNumberMatcher(text, "US", max_tries=_MOST_TRIES):
        if not match.raw_string.isdigit() and not looks_like_hotline(match.raw_string):
            said = phone_word(text, match.start)
            score, reason = (0.95, f"context:{said}") if said else (0.75, "format")
            yield Span(match.start, match.end, "PHONE_NUMBER", "libphonenumber", score, reason)


def _worth_parsing(run: str) -> bool:
    """libphonenumber takes far longer than all patterns together, so it is asked rarely."""
    return not run.isdigit() and not looks_like_date(run)


def looks_like_date(number: str) -> bool:
    return _DATE.match(number) is not None


def looks_like_hotline(number: str) -> bool:
    return _HOTLINE.match(number) is not None
