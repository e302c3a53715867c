"""Text in the shape that patterns expect, of the same length as the text that was written."""

from __future__ import annotations

import unicodedata
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


def normalise(text: str) -> str:
    """Full-width forms, foreign digits, dashes and spaces made plain, one code point for one.

    Offsets into the result are offsets into `text`. Zero-width characters stay where they are;
    the patterns allow for them between digits.
    """
    if text.isascii():
        return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")
    return "".join(_plain(character) for character in text)
