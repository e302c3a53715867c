"""How content or angry a message sounds, by a lexicon and a few rules, in English and Chinese.

What counts is the temper of the writer, not the trouble they write about: a broken screen is no
anger. Weakness: irony and anger in polite words are not heard.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from chatbot.language import to_simplified

NEUTRAL = 0.0
_HAN = re.compile(r"[\u3400-\u9fff]")
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[.,;:!?]")
_CLAUSE_END = frozenset(".,;:!?")
_SHOUT = re.compile(r"\b[A-Z]{3,}\b")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_BANG = re.compile(r"[!！]{2,}|[?？]{2,}|[!！][?？]|[?？][!！]")
_CHINESE_CLAUSE = re.compile(r"[，。！？；、,.!?;\s~～…]+")

# An evidence of this weight gives a score of about 0.71: two strong words nearly saturate.
SCALE = 3.0
FLIPPED = -0.6
"""What is left of a word under negation: "not good" is less bad than "bad" is."""
REACH = 3
"""English words, or Chinese characters, over which a negation or an adverb of degree works."""


@dataclass(frozen=True)
class Lexicon:
    """Weights between -4 (insult) and 3 (delight)."""

    words: Mapping[str, float]
    phrases: Mapping[str, float]
    negations: frozenset[str]
    degrees: Mapping[str, float]

    @property
    def longest(self) -> int:
        return max(map(len, self.words))


@dataclass(frozen=True)
class Lexicons:
    english: Lexicon
    chinese: Lexicon
    emoji: Mapping[str, float]


def measure_sentiment(text: str) -> float:
    """In [-1, 1]: below zero displeased, above zero pleased, 0 where nothing shows either."""
    lexicons = _lexicons()
    plain = to_simplified(text)
    evidence = [*_english(plain, lexicons.english), *_emoji(plain, lexicons.emoji)]
    if _HAN.search(plain):
        evidence += _chinese(plain, lexicons.chinese)
    total = sum(evidence)
    if total < 0:
        total *= _loudness(plain)
    return round(total / math.sqrt(total * total + SCALE * SCALE), 4)


def _loudness(text: str) -> float:
    """Shouting makes displeasure worse; it never makes displeasure."""
    letters = [character for character in text if character.isascii() and character.isalpha()]
    shouted = len(letters) >= 8 and sum(c.isupper() for c in letters) > 0.7 * len(letters)
    loud = 1.0 + 0.25 * min(len(_BANG.findall(text)), 2)
    return loud + (0.4 if shouted else 0.15 if _SHOUT.search(text) else 0.0)


def _english(text: str, lexicon: Lexicon) -> Iterator[float]:
    said = _STRETCHED.sub(r"\1\1", text.lower().replace("’", "'"))
    for phrase, weight in lexicon.phrases.items():
        pattern = _phrase(phrase)
        found = len(pattern.findall(said))
        if found:
            said = pattern.sub(" ; ", said)
            yield weight * min(found, 2)
    tokens = _TOKEN.findall(said)
    for place, token in enumerate(tokens):
        if token in lexicon.words:
            yield lexicon.words[token] * _before(tokens[max(0, place - REACH) : place], lexicon)


@cache
def _phrase(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z]){phrase}(?![a-z])")


def _before(words: list[str], lexicon: Lexicon) -> float:
    """The factor that the words before give, back to the last comma."""
    factor = 1.0
    for word in reversed(words):
        if word in _CLAUSE_END:
            break
        factor *= lexicon.degrees.get(word, 1.0)
        if word in lexicon.negations or word.endswith("n't"):
            factor *= FLIPPED
    return factor


def _chinese(text: str, lexicon: Lexicon) -> Iterator[float]:
    for phrase, weight in lexicon.phrases.items():
        found = len(re.findall(phrase, text))
        if found:
            text = re.sub(phrase, "，", text)
            yield weight * min(found, 2)
    for clause in _CHINESE_CLAUSE.split(text):
        yield from _clause(clause, lexicon)


def _clause(clause: str, lexicon: Lexicon) -> Iterator[float]:
    """The longest word that begins at each place, with what stands just before it."""
    place, free = 0, 0
    while place < len(clause):
        word = next(
            (
                clause[place : place + length]
                for length in range(lexicon.longest, 0, -1)
                if clause[place : place + length] in lexicon.words
            ),
            None,
        )
        if word is None:
            place += 1
            continue
        before = clause[max(free, place - REACH) : place]
        after = clause[place + len(word) :]
        yield lexicon.words[word] * _around(before, after, lexicon)
        place += len(word)
        free = place


def _around(before: str, after: str, lexicon: Lexicon) -> float:
    factor = 1.0
    for adverb, strength in lexicon.degrees.items():
        if adverb in before or after.startswith(adverb):
            factor *= strength
            break
    if any(negation in before for negation in lexicon.negations):
        factor *= FLIPPED
    return factor


def _emoji(text: str, weights: Mapping[str, float]) -> Iterator[float]:
    for symbol, strength in weights.items():
        count = text.count(symbol)
        if count:
            # The tenth angry face says no more than the third.
            yield strength * min(count, 3) ** 0.5


@cache
def _lexicons() -> Lexicons:
    source = resources.files("chatbot").joinpath("sentiment.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(source)
    return Lexicons(_lexicon(tables["en"]), _lexicon(tables["zh"]), _weights(tables["emoji"]))


def _lexicon(table: Mapping[str, Any]) -> Lexicon:
    return Lexicon(
        words=_weights(table["words"]),
        phrases={
            phrase: float(weight)
            for weight, phrases in table["phrases"].items()
            for phrase in phrases
        },
        negations=frozenset(table["rules"]["negations"].split()),
        degrees=_weights(table["degrees"]),
    )


def _weights(table: Mapping[str, str]) -> dict[str, float]:
    """`{"-2": "bad poor"}` -> `{"bad": -2.0, "poor": -2.0}`."""
    return {word: float(weight) for weight, words in table.items() for word in words.split()}
