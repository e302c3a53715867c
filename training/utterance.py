"""A labelled sentence, and when two of them say the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")


@dataclass(frozen=True)
class Utterance:
    text: str
    intent: str
    language: str = ""
    """`en` or `zh`: from the file, or guessed from the script."""
    line: int = 0
    """Where the row starts in its file."""
    file: str = ""
    """Which file of a folder or a ZIP; empty where the corpus is one file."""

    @property
    def key(self) -> str:
        return normalise(self.text)


def normalise(text: str) -> str:
    """What two sentences share that differ only in case, width, spacing or punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded)
    # A text of signs alone ("???") has no letters and stays what it is.
    return " ".join((letters if letters.strip() else folded).split())
