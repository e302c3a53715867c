"""Personal data out, a typed placeholder in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from privacy.detector import detect, mask, placeholder
from privacy.entities import Span
from privacy.normalise import normalise

__all__ = ["Redaction", "Redactor", "detect", "redact", "rewritten"]

_COMPACT = re.compile(r"[\W_]")


@dataclass(frozen=True)
class Redaction:
    text: str
    spans: tuple[Span, ...]
    """Where in the original; empty when nothing was masked."""


def redact(text: str) -> str:
    """`text` with personal data masked by its type; masking twice changes nothing."""
    return mask(text, detect(text))


def rewritten(text: str, spans: Sequence[Span], new: Callable[[str, str], str]) -> str:
    """Each span, in order and without overlaps, replaced by what `new(type, value)` gives."""
    parts: list[str] = []
    position = 0
    for span in spans:
        parts += [text[position : span.start], new(span.type, text[span.start : span.end])]
        position = span.end
    return "".join([*parts, text[position:]])


class Redactor:
    """Masks one conversation: the same value gets the same number, as in `<PHONE_NUMBER_1>`.

    It remembers what it masked, in memory only: let it go with the conversation.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: dict[str, int] = {}

    def redact(self, text: str) -> Redaction:
        spans = tuple(detect(text))
        # What an earlier message or another process numbered is never given out again.
        for match in placeholder().finditer(text):
            self._reserve(match.group())
        return Redaction(rewritten(text, spans, self._placeholder), spans)

    def _placeholder(self, kind: str, value: str) -> str:
        return f"<{kind}_{self._number(kind, value)}>"

    def _reserve(self, placeholder: str) -> None:
        kind, _, number = placeholder[1:-1].rpartition("_")
        if number.isdigit():
            self._last[kind] = max(self._last.get(kind, 0), int(number))

    def _number(self, kind: str, value: str) -> int:
        # 138 0013 8000 and 13800138000 are one number.
        key = kind, _COMPACT.sub("", normalise(value)).lower()
        if key not in self._numbers:
            self._last[kind] = self._last.get(kind, 0) + 1
            self._numbers[key] = self._last[kind]
        return self._numbers[key]
