"""A labelled sentence, and when two of them say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.same_words import normalise

__all__ = ["HAN", "Utterance", "normalise"]

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
