"""Follow-up questions: "and for laptops?" means little without the question before it.

A text may look like a follow-up in one of four ways; whether it is read in the light of the last
topic is then decided by what the two readings find, so that a change of topic is never lost to a
habit of speech.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources

from chatbot.conversation import Evidence
from chatbot.language import to_simplified
from chatbot.policy import GENERIC_INTENTS, OTHER, OUT_OF_SCOPE, Thresholds
from knowledge_base.passages import Hit

_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z0-9]+(?:['’-][a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"<[A-Z_]+[0-9]*>")

STEM = 5
"""Letters of an English word that are compared: photo, photos, photograph."""
MENTIONED = 0.5
"""Share of a text's own words that an article must hold to be about them."""


class Shape(Enum):
    """What in a text points back, from the strongest sign to the weakest."""

    BARE = "bare"
    """No word of its own topic: "how long does it take?", 多少钱."""
    ADDED = "added"
    """A circumstance of the last question: "and with a credit card?", 用支付宝呢."""
    MARKED = "marked"
    """An opening or a pronoun that points back, beside words of its own: 那运费呢."""
    SHORT = "short"
    """A few words without any mark."""
    WHOLE = "whole"
    """A question that stands alone."""


@dataclass(frozen=True)
class _Rules:
    added: re.Pattern[str]
    marked: re.Pattern[str]
    empty: re.Pattern[str]
    """What says nothing about a topic; removed before looking for words that do."""
    brief: int
    """Words of English, characters of Chinese; what is longer stands alone."""


@dataclass(frozen=True)
class Reading:
    shape: Shape
    own: tuple[str, ...] = ()
    """Beginnings of the words (pairs of Chinese characters) that say something of their own."""


def read_shape(text: str) -> Reading:
    """Pure; looks at the words alone."""
    plain = to_simplified(_PLACEHOLDER.sub(" ", text)).strip().lower().replace("’", "'")
    chinese = bool(_HAN.search(plain))
    rules = _rules()["zh" if chinese else "en"]
    rest = rules.empty.sub(" ", plain)
    own = tuple(_pairs(rest) if chinese else (word[:STEM] for word in _WORD.findall(rest)))
    if not own:
        return Reading(Shape.BARE)
    # Whoever goes on at length has said what it is about.
    if _length(plain, chinese=chinese) > rules.brief:
        return Reading(Shape.WHOLE, own)
    if rules.added.search(plain):
        return Reading(Shape.ADDED, own)
    lone = chinese and len("".join(own)) == 1
    marked = lone or rules.marked.search(plain)
    return Reading(Shape.MARKED if marked else Shape.SHORT, own)


def in_context(text: str, topic: str) -> str:
    """The stand-alone question: the last topic with what was added to it."""
    return f"{topic} {text}"


def choose(
    reading: Reading, alone: Evidence, combined: Evidence, thresholds: Thresholds
) -> Evidence:
    """The reading to answer from. Pure: both readings have been searched."""
    if _best(combined) < thresholds.answer or combined.understanding.intent in GENERIC_INTENTS:
        return alone
    if reading.shape is Shape.BARE:
        return combined
    spoken_of = _mentioned(reading.own, combined)
    if alone.understanding.out_of_scope >= thresholds.out_of_scope and not spoken_of:
        return alone
    if reading.shape is Shape.ADDED:
        return combined
    if _certain(alone, thresholds):
        return alone
    # Another matter altogether: nothing in the intents knows it and the article is silent on it.
    foreign = alone.understanding.intent == OUT_OF_SCOPE and not spoken_of
    if reading.shape is Shape.MARKED:
        return alone if foreign and len(reading.own) > 1 else combined
    # Nothing points back but the brevity: the words themselves must lean towards the article.
    leaning = _found(alone, combined) >= thresholds.clarify / 2
    return combined if spoken_of or (leaning and _best(alone) < thresholds.answer) else alone


def may_need_context(reading: Reading, alone: Evidence, thresholds: Thresholds) -> bool:
    """Whether the second search is worth its time."""
    understanding = alone.understanding
    if alone.wordless or reading.shape is Shape.WHOLE:
        return False
    if reading.shape in (Shape.MARKED, Shape.SHORT) and _certain(alone, thresholds):
        return False
    return not (
        understanding.intent in GENERIC_INTENTS and understanding.confidence >= thresholds.generic
    )


def _certain(alone: Evidence, thresholds: Thresholds) -> bool:
    """A topic of its own: an article that answers and, where there are intents, one of them."""
    understanding = alone.understanding
    known = understanding.intent == OTHER or (
        understanding.intent != OUT_OF_SCOPE and understanding.confidence >= thresholds.generic
    )
    return known and _best(alone) >= thresholds.answer


def _best(evidence: Evidence) -> float:
    return max((hit.score for hit in _own(evidence)), default=0.0)


def _found(alone: Evidence, combined: Evidence) -> float:
    """How well the text alone finds what both together find first."""
    first = max(_own(combined), key=lambda hit: hit.score).passage.document_id
    return max((hit.score for hit in _own(alone) if hit.passage.document_id == first), default=0.0)


def _mentioned(own: tuple[str, ...], combined: Evidence) -> bool:
    """Whether the article that both together find speaks of what the text adds."""
    passage = max(_own(combined), key=lambda hit: hit.score).passage
    said = " ".join((passage.title, passage.text, *passage.questions)).lower()
    known = sum(word in said for word in own)
    return known >= MENTIONED * len(own)


def _own(evidence: Evidence) -> list[Hit]:
    language = evidence.language.language.base
    return [hit for hit in evidence.hits if hit.passage.language in ("", language)]


def _pairs(rest: str) -> Iterator[str]:
    for run in _HAN_RUN.findall(rest):
        yield from (run[place : place + 2] for place in range(max(len(run) - 1, 1)))


def _length(text: str, *, chinese: bool) -> int:
    return len(_HAN.findall(text)) if chinese else len(_WORD.findall(text))


@cache
def _rules() -> dict[str, _Rules]:
    source = resources.files("chatbot").joinpath("context.toml").read_text(encoding="utf-8")
    return {
        language: _Rules(
            added=_either(row["added"]),
            marked=_either(row["marked"]),
            empty=_either([*_whole_words(row["words"]), *row["empty"]]),
            brief=row["brief"],
        )
        for language, row in tomllib.loads(source).items()
    }


def _either(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _whole_words(words: str) -> list[str]:
    if not words.split():
        return []
    return [rf"(?<![\w'])(?:{'|'.join(re.escape(word) for word in words.split())})(?![\w'])"]
