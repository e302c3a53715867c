"""Text in the shape that patterns expect, of the same length as the text that was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) != 1:
        return character
    if folded.isdigit() and not folded.isascii():
        return str(unicodedata.digit(folded))
    if unicodedata.category(folded) == "Pd" or folded == "\u2212":
        return "-"
    return " " if folded.isspace() else folded


# Unicode's default-ignorable characters, most of which have no width: soft hyphen, joiners,
# directions, variation selectors, tags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)


def visible(text: str) -> tuple[str, Sequence[int]]:
    """`text` without what nobody sees, and for each character that is left its offset in `text`.

    A zero-width character in the middle would break every pattern and stay in the copy.
    """
    if text.isascii() or not _INVISIBLE.search(text):
        return text, range(len(text))
    kept = [place for place, character in enumerate(text) if not _INVISIBLE.match(character)]
    return "".join([text[place] for place in kept]), kept


def normalise(text: str) -> str:
    """Full-width forms, foreign digits, dashes and spaces made plain, one code point for one.

    Offsets into the result are offsets into `text`. Invisible characters stay where they are:
    `visible` takes them out.
    """
    if text.isascii():
        return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")
    return "".join(_plain(character) for character in text)
