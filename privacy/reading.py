"""A text as recognisers see it, with what is cheap to ask before any of them looks closer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from privacy.entities import Span
from privacy.normalise import normalise

HAN = "\u3400-\u9fff"
_DIGITS = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Reading:
    """All offsets into `text`, `plain` and `lower` agree."""

    text: str
    plain: str
    """Normalised; line breaks have become spaces."""
    lower: str
    """`plain` with the ASCII letters in lower case."""
    characters: frozenset[str]
    digits: int


Recognizer = Callable[[Reading], Iterable[Span]]

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def read(text: str) -> Reading:
    plain = normalise(text)
    # str.lower() makes two characters of one here and there, which would shift every offset.
    lower = plain.lower() if plain.isascii() else plain.translate(_LOWER)
    return Reading(text, plain, lower, frozenset(plain), len(_DIGITS.findall(plain)))
