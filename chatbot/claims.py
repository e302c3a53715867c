"""What a sentence asserts besides numbers that can be looked up word by word in a source.

Weakness: a Chinese name that jieba's dictionary does not know is not seen as a name; the share
of shared words has to notice it.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from chatbot.vocabulary import is_ordinary, same_words
from knowledge_base.han import HAN, has_han
from knowledge_base.segmentation import stem, terms

with warnings.catch_warnings():
    # It warns of its own old string escapes and of setuptools.
    warnings.simplefilter("ignore")
    import jieba


class Kind(StrEnum):
    EMAIL = "email"
    URL = "url"
    NAME = "name"
    QUOTE = "quoted term"
    DAY = "day"


@dataclass(frozen=True)
class Claim:
    kind: Kind
    value: str
    """In the form in which it is looked for."""


_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_URL = re.compile(
    rf"(?:https?://|www\.)[^\s{HAN}<>\"'()]+|\b[a-z0-9-]+\.(?:com|cn|net|org|io|example)\b(?:/[^\s{HAN}]*)?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"「『《‘]([^”\"」』》’]{1,60})[”\"」』》’]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-&][A-Za-z0-9]+)*|\d+[A-Za-z][A-Za-z0-9]*")
_MIXED = re.compile(r"[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]|^[A-Z]{2,}$")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;,>\n\"“(]\s*)$")
_UNIT_TOKEN = re.compile(r"\d+(?:kg|g|m|cm|km|gb|tb|k|am|pm|days?|th|st|nd|rd|s)", re.IGNORECASE)

_WEEKDAYS = tuple(
    (re.compile(rf"\b{english}s?\b|(?:周|星期|礼拜)[{chinese}]", re.IGNORECASE), name)
    for english, chinese, name in (
        ("mon(?:day)?", "一", "monday"),
        ("tue(?:s|sday)?", "二", "tuesday"),
        ("wednesday", "三", "wednesday"),
        ("thu(?:rs|rsday)?", "四", "thursday"),
        ("fri(?:day)?", "五", "friday"),
        ("saturday", "六", "saturday"),
        ("sunday", "日天", "sunday"),
    )
)
_MONTH_NAMES = tuple(
    (re.compile(rf"\b{english}\b|(?<!\d){number}月(?!\d)"), f"month {number}")
    for number, english in enumerate(
        (
            "Jan(?:uary)?",
            "Feb(?:ruary)?",
            "Mar(?:ch)?",
            "Apr(?:il)?",
            "(?<=[a-z] )May",
            "June?",
            "July?",
            "Aug(?:ust)?",
            "Sept?(?:ember)?",
            "Oct(?:ober)?",
            "Nov(?:ember)?",
            "Dec(?:ember)?",
        ),
        start=1,
    )
)
_PER = tuple(
    (
        re.compile(
            rf"\b(?:per|each|every) (?:started |calendar )?{english}\b|"
            rf"(?<=[\d)s元] )an? {english}\b|/ ?{english}\b|\b{adverb}\b|每(?:一?个?)?{chinese}",
            re.IGNORECASE,
        ),
        f"per {english}",
    )
    for english, adverb, chinese in (
        ("hour", "hourly", "(?:小时|钟头)"),
        ("day", "daily", "[天日]"),
        ("night", "nightly", "[晚夜]"),
        ("week", "weekly", "(?:周|星期|礼拜)"),
        ("month", "monthly", "月"),
        ("quarter", "quarterly", "季度?"),
        ("year", "(?:yearly|annual(?:ly)?)", "年"),
    )
)
_RELATIVE = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"\bsame[- ](?:working |business )?day\b|\btoday\b|[当今][天日]", "same day"),
        (r"\b(?:next|following)[- ]day\b|\btomorrow\b|[次隔明][天日]|第二天", "next day"),
        (r"\bnext (?:working|business) day\b|下一?个工作日", "next working day"),
        (r"\bweekends?\b|周末", "weekend"),
        (r"\b(?:public|national|bank) holidays?\b|节假日", "holiday"),
        (r"\b(?:at )?any ?time\b|随时", "any time"),
        (
            r"\b(?:at once|immediately|instantly|straight away|right away)\b|立即|立刻|马上|随即",
            "at once",
        ),
        (r"\b24/7\b|\baround the clock\b|全天候", "round the clock"),
    )
)
_PRONOUN = {"i", "i'm", "i'll", "ok"}
# The dictionary calls these names.
_ORDINARY = frozenset("城市 上门 换新 换货 齐全 普通 长度 卡片 和平 高于 马上 东西".split())
_NAME_TAGS = {"ns", "nt", "nz", "nr", "nrt", "nrfg"}


def claims_of(text: str, *, quoted: str = "") -> tuple[Claim, ...]:
    """From text that `numerals.plain` normalised; `quoted` is the same with its quotation marks."""
    found = [Claim(Kind.EMAIL, match.group().lower()) for match in _EMAIL.finditer(text)]
    rest = _EMAIL.sub(" ", text)
    found += [Claim(Kind.URL, _bare_url(match.group())) for match in _URL.finditer(rest)]
    rest = _URL.sub(" ", rest)
    found += [
        Claim(Kind.QUOTE, match[1].strip(" .,").lower())
        for match in _QUOTED.finditer(quoted or text)
    ]
    found += [Claim(Kind.DAY, name) for name in days_of(rest)]
    for pattern, _ in _WEEKDAYS:
        rest = pattern.sub(" ", rest)
    found += [Claim(Kind.NAME, name) for name in (*_latin_names(rest), *_chinese_names(rest))]
    return tuple(dict.fromkeys(found))


def days_of(text: str) -> set[str]:
    """Weekdays, months, relative days and rates ("per month") by their English names."""
    return {
        name
        for pattern, name in (*_WEEKDAYS, *_RELATIVE, *_MONTH_NAMES, *_PER)
        if pattern.search(text)
    }


def _bare_url(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", url.lower()).rstrip("/.,;")


def _latin_names(text: str) -> list[str]:
    """Capitalised words; in a Chinese text every Latin word, for it is a name there."""
    chinese = has_han(text)
    names = []
    for match in _LATIN.finditer(text):
        word = match.group()
        if word.lower() in _PRONOUN or _UNIT_TOKEN.fullmatch(word):
            continue
        at_start = _SENTENCE_START.search(text[: match.start()]) is not None
        looks_like_one = bool(_MIXED.search(word)) or (word[0].isupper() and not at_start)
        if looks_like_one or (chinese and len(word) > 1) or (at_start and _could_be_name(word)):
            names.append(word.lower())
    return names


def _could_be_name(word: str) -> bool:
    """A capital at the start of a sentence says nothing: common words are known, others doubted."""
    if not word[0].isupper():
        return False
    lower = word.lower()
    if is_ordinary(stem(lower)) or len(same_words(stem(lower))) > 1:
        return False
    return stem(lower) not in _openers() and not lower.endswith(("ly", "ing", "ed"))


@cache
def _openers() -> frozenset[str]:
    return frozenset(stem(word) for word in _OPENERS.split())


def _chinese_names(text: str) -> list[str]:
    known = _han_names()
    return [term for term in terms(text) if len(term) > 1 and term in known]


@cache
def _han_names() -> frozenset[str]:
    """People, places, organisations and brands of jieba's dictionary (`word frequency tag`)."""
    with jieba.dt.get_dict_file() as lines:
        rows = (line.decode("utf-8").split() for line in lines)
        names = {row[0] for row in rows if len(row) == 3 and row[2] in _NAME_TAGS}
    return frozenset(names - _ORDINARY)


_OPENERS = """
a about above after again all also although always an and another any anyone are as at be because
been before below both but by can cannot could did do does done during each either else every
everyone everything few first for free from further had has have he her here hers him his how
however i if in instead is it its just last later less like many may maybe me more most much must
my neither never next no none nor not nothing now of off on once one only or other others our out
over own per perhaps please rather same second several shall she should simply since so some
someone something soon sorry still such sure than thank thanks that the their them then there these
they third this those though three through thus to today together too two under unless until up
upon us use very via was we well were what when whenever where whether which while who whom why
will with within without would yes yet you your yours
accept account activate add address agent allow amount answer apply app arrive article ask back
bank bill book box bring buy call cancel card carrier change charge check checkout choose claim
click close code collect come company complete condition confirm contact copy correct cost country
coupon courier cover credit customer damage data date day decline delete deliver delivery deposit
device digital discount dispatch document download drop electronic email enter exchange express
extra fast fault fee fill find follow form full gift give go good goods group guarantee hand help
home hotline hour how image import include information inspect inspection instalment insurance
interest invoice item keep large last leave let letter limit link list local locate log login look
lost make member membership message method minimum maximum money month name need new note number
offer old online open option order original package packaging page parcel part pass password pay
payment people permit person phone photo pick pickup place plan point policy post postage prepare
present press price print problem process product proof protection provide purchase put quality
question quick quotation reach read receipt receive recipient record redirect refund register
registration reissue remain remember remove repair replace replacement reply report request reset
return review sale save screen seal security see select sell send service shipment ship shipping
shop short show sign simple single small special staff standard start state status step stock store
submit surcharge switch take tap tax tell term ticket time title top total track tracking trade
transfer try type unopened unused update upload user valid value visit void voucher wait warehouse
warranty week work year
"""
