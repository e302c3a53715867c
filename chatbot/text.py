"""What counts as a message: readable, not empty, not endless."""

from __future__ import annotations

import re
import unicodedata

from chatbot.errors import TextEmpty, TextTooLong, TextUnreadable

_INVISIBLE = {"Cf", "Cc", "Zs", "Zl", "Zp"}


def accept_text(text: str, *, limit: int) -> str:
    """The text without surrounding space, or the reason why it is no message.

    Zero-width characters alone do not make a message. Raises TextEmpty, TextTooLong and
    TextUnreadable; none of them quotes the text.
    """
    if len(text) > limit:
        raise TextTooLong(len(text), limit)
    if "\x00" in text:
        raise TextUnreadable("a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise TextUnreadable("half of a surrogate pair")
    if all(unicodedata.category(character) in _INVISIBLE for character in text):
        raise TextEmpty
    return text.strip()


_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")


def words(text: str) -> set[str]:
    """Lower-case English words and single Chinese characters."""
    return set(_WORD.findall(text.lower()))
