"""Numbers written as words become digits; typography that carries no meaning goes away."""

from __future__ import annotations

import re
import unicodedata

from knowledge_base.han import simplify

_ONES = {word: number for number, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen".split())}  # fmt: skip
_TENS = {word: 10 * (number + 2) for number, word in enumerate(
    "twenty thirty forty fifty sixty seventy eighty ninety".split())}  # fmt: skip
_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
           "八": 8, "九": 9}  # fmt: skip
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10000}

# Signs that end a clause get the space that a Latin text has after them; "16：00" is a time.
_WIDE_SIGNS = re.compile("[，；！？]|：(?![0-9０-９])")
_DASHES = re.compile("[‐‑‒–—−~～〜]")
_GROUPS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WIDE_GROUPS = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")

_ENGLISH = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<ones>{'|'.join(list(_ONES)[1:10])}))?"
    rf"|(?P<single>{'|'.join(sorted(_ONES, key=len, reverse=True))}))(?P<hundred> hundred)?\b",
    re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"[ -](?:(?:working|business|full) )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|"
    r"times?|yuan|percent)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\b(within|in|after|least|than|to)( )an?(?= (?:second|minute|hour|day|week|month|year)\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\b(once|twice)\b(?! (?:the|you|we|it|your|our|this|that|they)\b)", re.I)

_PERCENT = re.compile(f"百分之([{''.join(_DIGITS)}十百\\d.]+)")
_MEASURE = r"个?工作日|个?小时|个?钟头|分钟|秒|天|日|周(?!年)|个?星期|个?礼拜|个?月|年|元|块|次|折"
_CLASSIFIER = rf"{_MEASURE}|[个家件张台种款岁部份笔条位名项套步期倍级人公斤米寸%]"
_SIGNS = f"{''.join(_DIGITS)}十百千万"
_CHINESE = re.compile(
    rf"(?<![第周期拜])(?:(?P<one>一)(?={_MEASURE})"
    rf"|(?P<more>[{_SIGNS}]+)(?={_CLASSIFIER}|多|余|[至到][{_SIGNS}\d]+(?:{_CLASSIFIER})))"
)
_ENGLISH_HALF = re.compile(
    r"\bhalf(?:[ -]an?)?[ -](?=(?:hour|day|week|month|year)\b)|"
    r"\b(?P<part>half)(?= (?:of\b|the\b|price))|"
    r"(?P<share>一半|半价)",
    re.IGNORECASE,
)
_AGE_GROUP = re.compile(r"\b((?:under|over)[ -]?\d{1,2})s\b", re.IGNORECASE)
_HALF = re.compile(rf"半(?={_MEASURE})")


def plain(text: str) -> str:
    """Simplified characters, half width, one kind of dash, no separators in thousands."""
    # A wide comma stands between two numbers; only in a row of wide digits it groups one.
    separated = _WIDE_SIGNS.sub(r"\g<0> ", _WIDE_GROUPS.sub("", text))
    narrow = unicodedata.normalize("NFKC", simplify(separated))
    return _GROUPS.sub("", _DASHES.sub("-", narrow.replace("’", "'")))


def digits_for_words(text: str) -> str:
    """Only where a number is meant: "one of them" and 一般 stay."""
    text = _AGE_GROUP.sub(r"\1", text)
    text = _ENGLISH_HALF.sub(
        lambda match: "50%" if match["part"] or match["share"] else "0.5 ", text
    )
    text = _ARTICLE.sub(r"\1\g<2>1", text)
    text = _COUNTED.sub(lambda match: "1 time" if match[1].lower() == "once" else "2 times", text)
    text = _ENGLISH.sub(_english, text)
    text = _PERCENT.sub(lambda match: f"{_chinese_value(match[1])}%", text)
    text = _HALF.sub("0.5", text)
    return _CHINESE.sub(_chinese, text)


def _english(match: re.Match[str]) -> str:
    single = (match["single"] or "").lower()
    follows = _UNIT_AFTER.match(match.string, match.end())
    if single in {"one", "zero"} and not match["hundred"] and not follows:
        return match.group()
    value = _ONES[single] if single else _TENS[match["tens"].lower()]
    value += _ONES[match["ones"].lower()] if match["ones"] else 0
    return str(value * 100 if match["hundred"] else value)


def _chinese(match: re.Match[str]) -> str:
    written = match["one"] or match["more"]
    if written in {"一", "千", "万", "百"} and not match["one"]:
        return written
    return _chinese_value(written)


def _chinese_value(written: str) -> str:
    if re.fullmatch(r"[\d.]+", written):
        return written
    total, current = 0, 0
    for sign in written:
        if sign in _DIGITS:
            current = current * 10 + _DIGITS[sign]
        elif sign == "万":
            total, current = (total + current) * _POWERS[sign], 0
        else:
            total, current = total + (current or 1) * _POWERS[sign], 0
    return str(total + current)
