"""The same sentence as another customer might have typed it: slips, casing, width, script.

Pure functions of a text and a generator. Each leaves a text that it has nothing to do with as it
is, never returns an empty one, and never turns Chinese into English or back. What stands between
angle brackets is a placeholder for personal data and stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from opencc import OpenCC

from training.corpus import HAN
from training.recipe import CHANGES, Recipe

Generator = np.random.Generator
Change = Callable[[str, Generator], str]

_PLACEHOLDER = re.compile(r"(<[A-Z_0-9]+>)")
_WORD = re.compile(r"[A-Za-z]{4,}")
_LETTER = re.compile(r"[A-Za-z]")
_SIGN = re.compile(r"[!-~]")
_PIECE = re.compile(r"<[A-Z_0-9]+>|[\u3400-\u9fff]|[^\s\u3400-\u9fff<]+|<")
_FEWEST_PIECES = 3
"""A shorter text is nothing without one of them."""

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_FULL_WIDTH = 0xFEE0
"""Added to the code of a sign between ! and ~."""
_ROWS, _CELLS = range(0xB0, 0xD8), range(0xA1, 0xFF)
"""Where GB 2312 has its first level: the most used characters in the order of their pinyin."""
_NEAR = 2
"""Places in that order; so near, most characters share the syllable or nearly."""


def slip(text: str, generator: Generator) -> str:
    """One slip of the finger in a Latin word: two letters swapped, one left out, doubled, or hit
    on the next key. Its first letter stays."""
    hidden = _PLACEHOLDER.sub(lambda mark: " " * len(mark[0]), text)
    words = list(_WORD.finditer(hidden))
    if not words:
        return text
    word = words[generator.integers(len(words))]
    place = word.start() + int(generator.integers(1, len(word[0]) - 1))
    here, following = text[place], text[place + 1]
    slips = (following + here, following, here + here + following, _beside(here) + following)
    return text[:place] + slips[generator.integers(len(slips))] + text[place + 2 :]


def recase(text: str, generator: Generator) -> str:
    """All small, all large, or each word with a large letter."""
    if not _LETTER.search(text):
        return text
    changes: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.title)
    return _outside_placeholders(text, changes[generator.integers(len(changes))])


def widen(text: str, generator: Generator) -> str:
    """Latin letters, digits and signs in full width, as Chinese keyboards type them."""
    return _outside_placeholders(
        text, lambda part: _SIGN.sub(lambda sign: chr(ord(sign[0]) + _FULL_WIDTH), part)
    )


def other_script(text: str, generator: Generator) -> str:
    """Simplified to traditional characters, or the other way round."""
    if not HAN.search(text):
        return text
    traditional = _converter("s2t").convert(text)
    return str(traditional if traditional != text else _converter("t2s").convert(text))


def homophone(text: str, generator: Generator) -> str:
    """One Chinese character for another of the same or nearly the same sound, as happens to those
    who type pinyin and take the wrong one.

    Weakness: it knows only the order of GB 2312, where a syllable's neighbours may be other ones.
    """
    places = [number for number, letter in enumerate(text) if letter in _sounds()]
    if not places:
        return text
    place = places[generator.integers(len(places))]
    steps = [step for step in range(-_NEAR, _NEAR + 1) if step]
    order = _order()
    # Modulo: the first character's neighbour in front is the last one.
    wrong = order[(_sounds()[text[place]] + int(generator.choice(steps))) % len(order)]
    return text[:place] + wrong + text[place + 1 :]


def drop(text: str, generator: Generator) -> str:
    """One word or Chinese character less, but never the last Chinese one."""
    pieces = list(_PIECE.finditer(text))
    if len(pieces) < _FEWEST_PIECES:
        return text
    gone = pieces[generator.integers(len(pieces))]
    rest = " ".join((text[: gone.start()] + text[gone.end() :]).split())
    return rest if bool(HAN.search(rest)) == bool(HAN.search(text)) else text


_CHANGES: tuple[Change, ...] = (slip, recase, widen, other_script, homophone, drop)
"""As `CHANGES` names their shares."""


def augmented(texts: Sequence[str], recipe: Recipe, *, seed: int, epoch: int) -> list[str]:
    """As many texts; `augmented_share` of them are changed in one way, drawn by the shares of the
    ways. A text for which the way drawn does nothing stays as it is."""
    generator = np.random.default_rng((seed, epoch))
    shares = np.array([getattr(recipe, name) for name in CHANGES], dtype=np.float64)
    results: list[str] = []
    for text in texts:
        if generator.random() < recipe.augmented_share:
            change = _CHANGES[generator.choice(len(shares), p=shares / shares.sum())]
            text = change(text, generator)
        results.append(text)
    return results


def _outside_placeholders(text: str, change: Callable[[str], str]) -> str:
    parts = _PLACEHOLDER.split(text)
    return "".join(part if _PLACEHOLDER.fullmatch(part) else change(part) for part in parts)


def _beside(letter: str) -> str:
    for row in _KEYBOARD:
        place = row.find(letter.lower())
        if place >= 0:
            return row[place - 1 if place else 1]
    return letter


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


@cache
def _order() -> tuple[str, ...]:
    codes = (bytes((row, cell)) for row in _ROWS for cell in _CELLS)
    # The last five places of the first level are empty.
    return tuple(letter for code in codes if (letter := code.decode("gb2312", "ignore")))


@cache
def _sounds() -> dict[str, int]:
    return {letter: place for place, letter in enumerate(_order())}
