"""Dates of birth, told from all other dates by the word beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

_YEAR = "(?:18|19|20)[0-9]{2}"
_MONTHS = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = "[0-3]?[0-9](?:st|nd|rd|th)?"
_DATE = (
    rf"(?:{_YEAR}[ ]?[年\-/.][ ]?[01]?[0-9](?:[ ]?[月\-/.][ ]?[0-3]?[0-9][ ]?[日号]?|月)?"
    rf"|{_YEAR}[01][0-9][0-3][0-9]"
    rf"|[0-3]?[0-9][\-/.][0-3]?[0-9][\-/.](?:{_YEAR}|[0-9]{{2}})"
    rf"|{_MONTHS}\.?[ ]{_DAY}(?:,?[ ]{_YEAR})?|{_DAY}[ ](?:of[ ])?{_MONTHS}\.?(?:,?[ ]{_YEAR})?"
    r"|(?:[0-9]{2}年)?[01]?[0-9]月[0-3]?[0-9][日号]?|[0-9]{2}年[01]?[0-9]月|(?:[零〇一二三四五六七八九]{2}){1,2}年"
    r"[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号]?)"
)
_LINK = r"(?:[ :=]|日期|年月日?|时间|应该|填|写|改|成|错|的|是|为|在|于|is\b|was\b|on\b|in\b|the\b)"
_AFTER_WORD = re.compile(
    rf"(?:生日|出生|(?<![发發产產])生于|誕生|date of birth"
    rf"|birth ?(?:date|day)|(?<![a-z])d\.?o\.?b\.?(?![a-z])"
    rf"|(?<![a-z])born(?![a-z])){_LINK}{{0,6}}(?<![0-9])({_DATE})(?![0-9])"
)
# Where the word can mean nothing else, a few others may stand between it and a whole date.
_FURTHER_ON = re.compile(
    r"(?:出生日期|出生年月日?|date of birth)[^0-9。!?;\n]{1,12}"
    rf"(?<![0-9])({_YEAR}[ ]?[年\-/.][ ]?[01]?[0-9][ ]?[月\-/.][ ]?[0-3]?[0-9][日号]?)(?![0-9])"
)
_BEFORE_WORD = re.compile(
    rf"(?<![0-9])({_DATE})(?![0-9])[ ]?"
    r"(?:出生|生的|生人|生(?=[,。、!;\s]|$)|是我的?生日|is my birthday)"
)
_HINTS = ("生", "birth", "born", "dob", "d.o.b")


def find_birth_dates(reading: Reading) -> Iterator[Span]:
    if not any(hint in reading.lower for hint in _HINTS):
        return
    for pattern in (_AFTER_WORD, _BEFORE_WORD, _FURTHER_ON):
        for match in pattern.finditer(reading.lower):
            # The sentence says so, whichever of its words it was.
            yield Span(
                match.start(1), match.end(1), "DATE_OF_BIRTH", "birth_date", 0.9, "announced"
            )
