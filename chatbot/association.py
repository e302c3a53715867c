"""Whether a number is said of the same thing as in the source.

"Express delivery costs ¥8" has no invented number where standard delivery costs ¥8; but of the
source's clauses with an amount, another one speaks more of express delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from chatbot.claims import Kind, claims_of
from chatbot.quantities import Quantity, quantities
from chatbot.sentences import content_words, narrow_clauses

NUMBER_WEIGHT = 2
"""A second number in common says as much as two words."""
NAME_WEIGHT = 3
"""A name says more than that: the price for Taiwan is not the one that comes with "7-12 days"."""


@dataclass(frozen=True)
class _Part:
    """As much of a sentence as belongs to its number, seldom to two."""

    text: str
    numbers: tuple[Quantity, ...]


def swapped(sentence: str, source_sentences: Sequence[str]) -> list[Quantity]:
    """Numbers that fit another number's clause better, by their own clause and by the sentence.

    The sentence counts only for a number that is the only one of its unit in it.
    """
    rivals = [part for each in source_sentences for part in _parts(each)]
    parts = _parts(sentence)
    whole = _Part(sentence, tuple(quantities(sentence)))
    found = []
    for part in parts:
        for quantity in part.numbers:
            alone = sum(other.unit == quantity.unit for other in whole.numbers) == 1
            contexts = [part, whole] if alone else [part]
            if all(_fits_another(quantity, context, rivals) for context in contexts):
                found.append(quantity)
    return found


def _parts(sentence: str) -> list[_Part]:
    """Each has a number; clauses without one belong to the number before and to the one after."""
    parts: list[_Part] = []
    waiting: list[str] = []
    for clause in narrow_clauses(sentence):
        numbers = tuple(quantities(clause))
        if numbers:
            parts.append(_Part(", ".join([*waiting, clause]), numbers))
            waiting = []
            continue
        waiting.append(clause)
        if parts:
            parts[-1] = _Part(f"{parts[-1].text}, {clause}", parts[-1].numbers)
    return parts


def _fits_another(quantity: Quantity, context: _Part, rivals: Sequence[_Part]) -> bool:
    words = _words(context, quantity)
    names = _names(context.text)
    companions = [number for number in context.numbers if number != quantity]
    own, other = 0, 0
    for rival in rivals:
        related = [number for number in rival.numbers if number.unit == quantity.unit]
        matching = [number for number in related if _touches(quantity, number)]
        if not related:
            continue
        common = words & _words(rival, (matching or related)[0])
        shared = len(common) + (NAME_WEIGHT - 1) * len(common & names)
        shared += NUMBER_WEIGHT * sum(
            any(_value(each) == _value(known) for known in rival.numbers) for each in companions
        )
        if matching:
            own = max(own, shared)
        else:
            other = max(other, shared)
    return other > own


def _words(part: _Part, number: Quantity) -> set[str]:
    """The number's own words ("free", "months") say nothing of what it counts."""
    return set(content_words(part.text)) - set(content_words(number.written))


def _names(text: str) -> set[str]:
    return {
        word
        for claim in claims_of(text)
        if claim.kind is Kind.NAME
        for word in content_words(claim.value)
    }


def _touches(one: Quantity, two: Quantity) -> bool:
    return one.low in (two.low, two.high) or one.high in (two.low, two.high)


def _value(quantity: Quantity) -> tuple[Fraction, Fraction, str]:
    return quantity.low, quantity.high, quantity.unit
