"""How a sentence differs from the statement of its sources that it is closest to.

The same words say something else with another condition, another order, other roles or another
thing in the same place; a statement is what a source says between two semicolons or "but"s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from chatbot.conditions import (
    agrees,
    conditions,
    contradicts,
    fact_words,
    holds_always,
    holds_anyway,
    orders,
    speaks_of,
)
from chatbot.numerals import digits_for_words
from chatbot.polarity import polarity
from chatbot.roles import swapped_roles
from chatbot.vocabulary import han_words, is_ordinary, same_words
from knowledge_base.han import HAN, has_han
from knowledge_base.segmentation import terms

_CUT = re.compile(
    rf"[;；]|,\s(?=and\b[^,;]*\b(?:if|unless)\b)|,?\s(?=(?:but|while|whereas|however)\b)|[,，]\s?(?=但|而|不过|另)|(?<=[{HAN}])(?=但是)",
    re.IGNORECASE,
)
_WHEN = re.compile(
    rf"\b(?:before|after|during|within|until|at least|"
    r"for (?:\d+|a|an|one|two|three|four|five|six|seven|eight))\b[^,;]*"
    rf"|[{HAN}]{{1,8}}?(?:之前|之后|以前|以后|[前后](?!往|台|面|续))|\d+[{HAN}]{{1,3}}[内前后]",
    re.IGNORECASE,
)
MOST_GONE = 2
"""Words of a source's clause that a sentence may lack and still be its copy with one exchange."""
_NUMBER = re.compile(r"\d+(?:[.:]\d+)?")


@dataclass(frozen=True)
class Statement:
    text: str
    sentence: str
    """The whole sentence it is part of."""

    @cached_property
    def words(self) -> frozenset[str]:
        return fact_words(self.text)

    @cached_property
    def meanings(self) -> frozenset[str]:
        return frozenset(other for word in self.words for other in same_words(word))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(_NUMBER.findall(digits_for_words(self.text)))


def statements(sentences: Sequence[str]) -> list[Statement]:
    return [
        Statement(part.strip(), sentence)
        for sentence in sentences
        for part in _CUT.split(sentence)
        if part.strip()
    ]


def closest(said: Statement, known: Sequence[Statement]) -> list[Statement]:
    """Those that share most with it, numbers counting as words; empty where nothing is shared."""
    shares = [_shared(said, other) for other in known]
    most = max(shares, default=0)
    return [other for other, share in zip(known, shares, strict=True) if share == most and most]


def _shared(said: Statement, known: Statement) -> float:
    exact = len(said.words & known.words)
    alike = len((said.words - known.words) & known.meanings)
    if has_han(said.text):
        alike += sum(word in known.text for word in said.words - known.words - known.meanings)
    return exact + 0.9 * alike + 2 * len(said.numbers & known.numbers)


def lost_conditions(sentence: str, known: Sequence[Statement]) -> list[str]:
    """Conditions of the source that the sentence leaves out, or says not to matter."""
    found = []
    for said in statements([sentence]):
        near = closest(said, known)
        missing = [
            [each for each in conditions(other.text) if not speaks_of(each, sentence)]
            for other in near
        ]
        if near and all(missing):
            found.append(missing[0][0])
        elif holds_anyway(said.text) and not any(holds_anyway(other.text) for other in near):
            found.append(said.text)
    return found


def opened_limits(sentence: str, known: Sequence[Statement]) -> bool:
    """ "Every plan" for "only this plan"."""
    near = closest(Statement(sentence, sentence), known)
    said = polarity(sentence)
    if said.only or said.must or said.exception or said.negative or not holds_always(sentence):
        return False
    return bool(near) and all(polarity(other.text).only for other in near)


def turned_orders(sentence: str, known: Sequence[Statement]) -> list[str]:
    """Before for after, where no source says it that way round."""
    near = closest(Statement(sentence, sentence), known)
    told = [order for other in near for order in orders(other.sentence)]
    return [
        "before" if said.before else "after"
        for said in orders(sentence)
        if any(contradicts(said, order) for order in told)
        and not any(agrees(said, order) for order in told)
    ]


def turned_roles(sentence: str, known: Sequence[Statement]) -> list[str]:
    """What the company does, said of the customer, or the other way round."""
    near = closest(Statement(sentence, sentence), known)
    wrong = [swapped_roles(sentence, other.sentence) for other in near]
    return wrong[0] if wrong and all(wrong) else []


def denied(sentence: str, known: Sequence[Statement]) -> list[str] | None:
    """Parts of the sentence that the source's parts on the same thing deny, or the reverse.

    None where no part is close enough to tell. When and how long is no part of it.
    """
    parts = _asserted(sentence)
    others = [part for each in known for part in _asserted(each.text)]
    found, told = [], False
    for said in parts:
        near = [
            other for other in closest(said, others) if 2 * _shared(said, other) > len(said.words)
        ]
        told = told or bool(near)
        if near and all(
            polarity(said.text).negative != polarity(other.text).negative for other in near
        ):
            found.append(said.text)
    return found if told else None


def _asserted(text: str) -> list[Statement]:
    pieces = re.split(r"[,，]\s?", text) if has_han(text) else [text]
    found = []
    for part in (part for piece in pieces for part in statements([piece])):
        bare = _WHEN.sub(" ", part.text)
        found.append(Statement(bare if fact_words(bare) else part.text, part.text))
    return found


def exchanged(sentence: str, known: Sequence[Statement]) -> list[str]:
    """Things of the sources that stand where the closest statement has another thing."""
    others = [part for each in known for part in _pieces(each.text)]
    everything = frozenset(word for other in others for word in other.words)
    found = []
    for said in _pieces(sentence):
        near = closest(said, others)
        wrong = [_in_place(said, other, everything) for other in near]
        if near and all(wrong):
            found += wrong[0]
    return found


def other_subject(sentence: str, known: Sequence[Statement]) -> list[str]:
    """What the sentence begins with, where its source's sentence begins with another thing."""
    said = Statement(sentence, sentence)
    whole = list(dict.fromkeys(other.sentence for other in known))
    near = closest(said, [Statement(each, each) for each in whole])
    subject = _first(sentence)
    if not subject or not near or any(subject in other.meanings for other in near):
        return []
    if not any(subject == _first(each) for each in whole):
        return []
    gone = [_first(other.text) for other in near]
    return [subject] if all(word and word not in said.meanings for word in gone) else []


def _first(text: str) -> str:
    words = han_words(text) if has_han(text) else terms(text)
    return next((word for word in words if word in fact_words(text)), "")


def _pieces(text: str) -> list[Statement]:
    pieces = re.split(r"[,，]\s?", text) if has_han(text) else [text]
    return statements([piece for piece in pieces if piece.strip()])


def _in_place(said: Statement, known: Statement, everything: frozenset[str]) -> list[str]:
    new = {word for word in said.words if word not in known.meanings and word in everything}
    gone = {word for word in known.words if word not in said.meanings}
    if len(gone) > MOST_GONE:
        return []  # put otherwise, not with another thing
    slots = {slot for word, slot in _slots(known.text) if word in gone}
    return [word for word, slot in _slots(said.text) if word in new and slot in slots]


def _slots(text: str) -> list[tuple[str, tuple[str, str]]]:
    """Each word with the word before and with the word after it."""
    words = han_words(text) if has_han(text) else [word for word in terms(text) if len(word) > 1]
    return [
        (word, slot)
        for number, word in enumerate(words)
        for slot in (
            ("after", words[number - 1] if number else ""),
            ("before", words[number + 1] if number + 1 < len(words) else ""),
        )
        if slot[1] and slot[1] != "的" and not (slot[1].isascii() and is_ordinary(slot[1]))
    ]


def parity(sentence: str) -> bool:
    """Whether it denies an odd number of times: "no fee if" is "a fee unless"."""
    found = polarity(sentence)
    return (found.negative != found.exception) != found.free
