"""Numbers with what they count: money, percentages, durations, dates, times, plain amounts.

Both languages give the same value: "7 days", "seven days", "7 天", "七天" and "７天" are one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from chatbot.numerals import digits_for_words
from knowledge_base.han import HAN
from knowledge_base.segmentation import stem


@dataclass(frozen=True)
class Quantity:
    low: Fraction
    high: Fraction
    """Equal to `low` unless it is a range."""
    unit: str
    known: bool
    """Whether the unit is one that both languages share; otherwise it is the noun as written."""
    bound: str
    """`min` for "at least" and its kin, `max` for "up to", empty where nothing is said."""
    start: int
    end: int
    written: str


_NUMBER = r"\d+(?:\.\d+)?(?:\s?(?:thousand|million)\b|k(?![a-z])|[千万亿])?"
_RANGE = rf"(?P<low>{_NUMBER})(?:\s?(?:-|to|至|到)\s?[¥$€£]?(?P<high>{_NUMBER}))?"
_MULTIPLES = {
    "thousand": 10**3, "k": 10**3, "千": 10**3, "million": 10**6, "万": 10**4, "亿": 10**8,
}  # fmt: skip
_SYMBOLS = {"¥": "CNY", "rmb": "CNY", "cny": "CNY", "$": "USD", "us$": "USD", "hk$": "HKD",
            "€": "EUR", "£": "GBP"}  # fmt: skip

# Unit → (canonical unit, how many of it). Months and days do not convert into each other.
_UNITS: tuple[tuple[str, str, Fraction], ...] = (
    (r"元|块钱?|人民币|yuan|rmb|cny", "CNY", Fraction(1)),
    (r"美元|usd|(?:us )?dollars?", "USD", Fraction(1)),
    (r"港[币元]|hkd", "HKD", Fraction(1)),
    (r"欧元|euros?|eur", "EUR", Fraction(1)),
    (r"英镑|pounds|gbp", "GBP", Fraction(1)),
    (r"%|percent|per cent|个点|个百分点", "%", Fraction(1)),
    (r"个?工作日|(?:working|business|work) ?days?|workdays?", "workday", Fraction(1)),
    (r"秒钟?|seconds?|secs?", "minute", Fraction(1, 60)),
    (r"分钟|minutes?|mins?", "minute", Fraction(1)),
    (r"个?小时|个?钟头|hours?|hrs?", "minute", Fraction(60)),
    (r"天|日|days?", "minute", Fraction(24 * 60)),
    (r"周(?!年)|个?星期|个?礼拜|weeks?", "minute", Fraction(7 * 24 * 60)),
    (r"个月|months?|monthly", "month", Fraction(1)),
    (r"月份?", "month of the year", Fraction(1)),
    (r"周?年|years?", "month", Fraction(12)),
    (r"公斤|千克|kg|kilograms?|kilos?", "gram", Fraction(1000)),
    (r"克|grams?", "gram", Fraction(1)),
    (r"厘米|公分|cm|centimet(?:re|er)s?", "cm", Fraction(1)),
    (r"公里|km|kilomet(?:re|er)s?", "km", Fraction(1)),
    (r"米|met(?:re|er)s?|m(?![a-z])", "cm", Fraction(100)),
    (r"[英]?寸|inch(?:es)?", "inch", Fraction(1)),
    (r"gb|g(?![a-z])", "GB", Fraction(1)),
    (r"tb", "GB", Fraction(1024)),
    (r"次|times?", "times", Fraction(1)),
)
_UNIT = "|".join(
    rf"(?P<u{n}>{pattern})" + ("" if pattern.startswith("%") else "(?![a-z])")
    for n, (pattern, _, _) in enumerate(_UNITS)
)
_KNOWN = re.compile(rf"{_RANGE}[\s-]?(?:{_UNIT})", re.IGNORECASE)
_PRICED = re.compile(rf"(?P<symbol>us\$|hk\$|rmb|cny|[¥$€£])\s?{_RANGE}", re.IGNORECASE)
_NO_NOUN = r"(?!(?:of|and|or|to|in|on|at|by|per|the|an?|is|are|for|with|from|more|less)\b)"
_PLAIN = re.compile(
    rf"{_RANGE}(?:[\s-]?(?P<noun>个[{HAN}]{{2}}|[{HAN}]|{_NO_NOUN}[a-z]+))?", re.IGNORECASE
)
_FREE = re.compile(
    r"(?<!feel )(?<!-)\bfree\b(?! gifts?\b)(?! (?:of (?!charge)|from\b))(?: of charge)?|"
    r"\bcosts? nothing\b|\b(?:no|without) (?:extra |additional )?"
    r"(?:charges?|costs?|fees?)\b|免费|免运费|包邮|不收(?:取)?(?:任何|额外)?费用?|不收钱",
    re.IGNORECASE,
)

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(?P<month>(?:jan|feb|mar|apr|(?-i:May|MAY)|jun|jul|aug|sept?|oct|nov|dec)[a-z]*)\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/年.](?P<month>\d{1,2})[-/月.](?P<day>\d{1,2})日?"),
    re.compile(r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]"),
    re.compile(r"(?<=月)(?P<day>\d{1,2})[日号]"),  # 次月1日
    re.compile(rf"\b{_MONTH} {_DAY}\b(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE),
    re.compile(rf"\b{_DAY} (?:of )?{_MONTH}(?![a-z])(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE),
)
_CLOCKS = (
    re.compile(
        r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s?(?P<half>[ap])\.?m\b\.?", re.IGNORECASE
    ),
    re.compile(
        r"(?P<half>下午|晚上|傍晚|上午|早上|中午|凌晨|清晨)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)"
    ),
    re.compile(
        r"(?P<half>下午|晚上|傍晚|上午|早上|中午|凌晨|清晨)?(?P<hour>\d{1,2})点(?:(?P<minute>\d{2})分?)?"
    ),
)
_PHONE = re.compile(
    r"(?<![\d.])(?:\+\d{1,3}[- ]?\d[\d -]{5,}\d|\d{3,4}-\d{3,4}-\d{3,4}|0\d{2,3}-\d{7,8}|"
    r"1[3-9]\d{9})(?!\d)"
)

_LIMIT_BEFORE = re.compile(
    r"(?P<max>up to|within|at most|no more than|no later than|less than|under|below|maximum of|"
    r"maximum|最多|最长|最高|至多|不超过|不满|未满|不到|少于|低于|小于)|"
    r"(?P<min>at least|more than|over|above|minimum of|minimum|starting at|from|至少|最少|最低|"
    r"超过|满|多于|高于)",
    re.IGNORECASE,
)  # fmt: skip
_LIMIT_AFTER = re.compile(
    r"\s?(?:(?P<max>or less|or fewer|or under|or younger|at most|"
    r"以内|之内|内|(?:及|或|\(含\))?以下)|"
    r"(?P<min>(?:or|and) (?:more|above|longer|over|older|up)|(?:及|或|\(含\))?以上|起))",
    re.IGNORECASE,
)
_CLOCK_BEFORE = re.compile(
    r"\b(?:(?P<max>until|till|by|before|no later than|latest(?: at)?|at the latest)|"
    r"(?P<min>from|after|(?:starts?|begins?|opens?) at|not before|earliest))\s$|"
    r"(?:(?P<late>最晚|最迟|不晚于)|(?P<early>最早|不早于))$",
    re.IGNORECASE,
)
_CLOCK_AFTER = re.compile(
    r"\s?(?:(?P<max>at the latest|or earlier|之前|以前|前)|"
    r"(?P<min>onwards?|or later|起|以后|之后|后))",
    re.IGNORECASE,
)
_CLOCK_BOUNDS = {"max": "max", "late": "max", "min": "min", "early": "min"}
_LIST = re.compile(r"\s?(?:,|、|/|or|and|,\s?or|,\s?and|和|或|及|与)\s?", re.IGNORECASE)


def quantities(text: str) -> list[Quantity]:
    """In reading order, from text that `numerals.plain` normalised."""
    masked = digits_for_words(text)
    found: list[Quantity] = []
    for pattern in (_PHONE, *_DATES, *_CLOCKS, _FREE, _PRICED, _KNOWN, _PLAIN):
        for match in pattern.finditer(masked):
            found.append(_read(pattern, match, masked))
        masked = pattern.sub(lambda match: " " * len(match.group()), masked)
    found.sort(key=lambda quantity: quantity.start)
    return _shared_units(found, digits_for_words(text))


def _read(pattern: re.Pattern[str], match: re.Match[str], text: str) -> Quantity:
    if pattern is _PHONE:
        return _single(Fraction(int(re.sub(r"\D", "", match.group()))), "phone", match)
    if pattern in _DATES:
        return _single(_date_number(match), "date", match)
    if pattern in _CLOCKS:
        found = _single(_minute_of_day(match), "clock", match)
        return replace(found, bound=_clock_bound(text, match.start(), match.end()))
    if pattern is _FREE:
        return _single(Fraction(0), "CNY", match)
    unit, factor, known = _unit(pattern, match)
    low = _value(match["low"]) * factor
    high = _value(match["high"]) * factor if match["high"] else low
    bound = _bound(text, match.start(), match.end())
    return Quantity(low, high, unit, known, bound, match.start(), match.end(), match.group())


def _single(value: Fraction, unit: str, match: re.Match[str]) -> Quantity:
    return Quantity(value, value, unit, True, "", match.start(), match.end(), match.group())


def _unit(pattern: re.Pattern[str], match: re.Match[str]) -> tuple[str, Fraction, bool]:
    if pattern is _PRICED:
        return _SYMBOLS[match["symbol"].lower()], Fraction(1), True
    if pattern is _KNOWN:
        number = next(n for n in range(len(_UNITS)) if match[f"u{n}"])
        return _UNITS[number][1], _UNITS[number][2], True
    return stem((match["noun"] or "").lower()), Fraction(1), False


def _value(written: str) -> Fraction:
    number = re.match(r"\d+(?:\.\d+)?", written)
    assert number is not None
    return Fraction(number.group()) * _MULTIPLES.get(written[number.end() :].strip().lower(), 1)


def _date_number(match: re.Match[str]) -> Fraction:
    """Year, month and day as digits side by side; year or month 0 where none is given."""
    month = (match.groupdict().get("month") or "0").lower()
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
    year = int(match.groupdict().get("year") or 0)
    return Fraction(year * 10000 + number * 100 + int(match["day"]))


def _minute_of_day(match: re.Match[str]) -> Fraction:
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half in {"p", "下午", "晚上", "傍晚"} and hour < 12:
        hour += 12
    if half == "a" and hour == 12:
        hour = 0
    return Fraction(hour * 60 + int(match["minute"] or 0))


def _bound(text: str, start: int, end: int) -> str:
    after = _LIMIT_AFTER.match(text, end)
    if after:
        return str(after.lastgroup)
    before = text[max(0, start - 18) : start]
    limits = list(_LIMIT_BEFORE.finditer(before))
    near = limits and len(before) - limits[-1].end() <= 4
    return str(limits[-1].lastgroup) if near else ""


def _clock_bound(text: str, start: int, end: int) -> str:
    found = _CLOCK_AFTER.match(text, end) or _CLOCK_BEFORE.search(text[max(0, start - 16) : start])
    return _CLOCK_BOUNDS[str(found.lastgroup)] if found else ""


def _shared_units(found: list[Quantity], text: str) -> list[Quantity]:
    """In "3, 6 or 12 months" all three numbers are months."""
    for number in range(len(found) - 2, -1, -1):
        here, following = found[number], found[number + 1]
        if here.unit or not following.unit or not _LIST.fullmatch(text[here.end : following.start]):
            continue
        factor = _factor(following)
        found[number] = replace(
            here,
            low=here.low * factor,
            high=here.high * factor,
            unit=following.unit,
            known=following.known,
        )
    return found


def _factor(quantity: Quantity) -> Fraction:
    match = _KNOWN.fullmatch(quantity.written)
    return _unit(_KNOWN, match)[1] if match else Fraction(1)
