"""What a trained model's names and addresses must look like to be believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from privacy.entities import Span
from privacy.reading import HAN, Reading
from privacy.recognizers.chinese_names import COMPOUND, never_ends

_EDGE = " \t\r\n,.;:!?，。；：！？、“”\"'（）()[]【】<>-"
_TITLE = re.compile(
    "先生|女士|小姐|太太|夫人|同学|同志|老师|老師|师傅|師傅|师父|经理|經理|主任|主管|总监|总|總|董|老板|老闆|店长|店長"
    "|队长|组长|班长|校长|院长|科长|处长|部长|医生|醫生|医师|醫師|大夫|护士|護士|律师|律師|教授|教练|教練|会计|司机|司機"
    "|管家|客服|警官|阿姨|奶奶|爷爷|爺爺|叔叔|伯伯|哥|姐|嫂|叔|伯|姨|工(?![资作具])|某|氏"
)
_LATIN_TITLE = re.compile(r"(?:mr|mrs|ms|miss|dr|prof)\.? ?$")
_BEFORE_SURNAME = frozenset("小老阿姓")
_HAN_ONLY = re.compile(f"[{HAN}]+")
_SOME_HAN = re.compile(f"[{HAN}]")
_LETTER = re.compile(r"[^\W\d_]")
_PART = re.compile("[,\n]")
_MONTH = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_DAY = r"[0-3]?[0-9](?:st|nd|rd|th)?(?![0-9a-z])"
_DATED = re.compile(rf"(?:(?:{_MONTH})\.?|{_DAY}|to|till|until|and|,|-|\s)+")
_NAMES_MONTH = re.compile(rf"(?<![a-z])(?:{_MONTH})(?![a-z])")
_DAY_BEHIND = re.compile(rf"\.? ?(?:the )?{_DAY}")
_DAY_BEFORE = re.compile(r"(?<![0-9])[0-3]?[0-9](?:st|nd|rd|th)?(?: of)? $")
_ELEMENT = re.compile(
    r"</?(?:a|b|body|br|button|code|div|em|form|h[1-6]|head|html|i|iframe|img|input|li|link|meta|object|ol|p|pre"
    r"|script|span|strong|style|svg|table|td|textarea|th|tr|u|ul|video)(?=[\s/>])"
)
"""Of HTML; what else stands between such signs may be somebody's name."""
_SHORTEST_CHINESE_ADDRESS = 4
_FEWEST_WORDS = 4
"""Of an address without a number: Mill Cottage, Church Lane, Burford."""
_LONGEST_NAME = 4
"""Characters of a Chinese name, compound surname and two given ones included."""


def believable(reading: Reading, spans: Iterable[Span]) -> Iterator[Span]:
    """Each span without the signs at its edges, unless its form speaks against it.

    A lone Chinese character is a name only beside a title (王先生, 小李); an address has a number,
    or several parts, or is Chinese and longer than the name of a town. A date is neither.
    """
    for span in spans:
        trimmed = _trimmed(reading, span)
        if trimmed is not None and _RULES[trimmed.type](reading, trimmed):
            yield trimmed


def beside(spans: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """What of each span no finding of another kind covers: a phone number that the model took for
    the end of an address stays a phone number."""
    taken = sorted(other for other in others if other.type not in _RULES)
    for span in spans:
        start = span.start
        for other in taken:
            if other.end <= start or other.start >= span.end:
                continue
            if start < other.start:
                yield replace(span, start=start, end=other.start)
            start = other.end
        if start < span.end:
            yield replace(span, start=start)


def _trimmed(reading: Reading, span: Span) -> Span | None:
    start, end = span.start, span.end
    while start < end and reading.text[start] in _EDGE:
        start += 1
    while start < end and reading.text[end - 1] in _EDGE:
        end -= 1
    if span.type == "PERSON" and _one_too_many(reading.plain[start:end]):
        end -= 1
    return replace(span, start=start, end=end) if start < end else None


def _one_too_many(name: str) -> bool:
    """The word behind the name was taken for a part of it: 严河然买."""
    return (
        len(name) == _LONGEST_NAME
        and name[:2] not in COMPOUND
        and _HAN_ONLY.fullmatch(name) is not None
        and never_ends(name[-1])
    )


def _person(reading: Reading, span: Span) -> bool:
    name = reading.plain[span.start : span.end]
    if not _LETTER.search(name) or _is_date(reading, span) or _is_element(reading, span):
        return False
    if len(name) > 1:
        return True
    before = reading.plain[span.start - 1 : span.start]
    return bool(_SOME_HAN.match(name)) and (
        before in _BEFORE_SURNAME
        or _TITLE.match(reading.plain, span.end) is not None
        or _LATIN_TITLE.search(reading.lower[max(0, span.start - 6) : span.start]) is not None
    )


def _is_element(reading: Reading, span: Span) -> bool:
    """The model takes the img of <img src=x> for a nickname."""
    opened = reading.lower.rfind("<", max(0, span.start - 2), span.start)
    element = _ELEMENT.match(reading.lower, opened) if opened >= 0 else None
    return element is not None and element.end() == span.end


def _is_date(reading: Reading, span: Span) -> bool:
    """A month beside a day: May is a name as well, and so is April."""
    said = reading.lower[span.start : span.end]
    if not _NAMES_MONTH.search(said) or not _DATED.fullmatch(said):
        return False
    return bool(
        any(character.isdigit() for character in said)
        or _DAY_BEHIND.match(reading.lower, span.end)
        or _DAY_BEFORE.search(reading.lower[max(0, span.start - 9) : span.start])
    )


def _address(reading: Reading, span: Span) -> bool:
    address = reading.plain[span.start : span.end]
    if _is_date(reading, span):
        return False
    if _SOME_HAN.search(address):
        return len(address) >= _SHORTEST_CHINESE_ADDRESS
    return any(character.isdigit() for character in address) or (
        len(_PART.split(address)) > 1 and len(address.split()) >= _FEWEST_WORDS
    )


_RULES = {"PERSON": _person, "ADDRESS": _address}
