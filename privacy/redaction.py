"""Personal data out, a typed placeholder in."""

from __future__ import annotations

from privacy.entities import Span
from privacy.normalise import normalise
from privacy.patterns import pattern_spans, phone_spans


def detect(text: str) -> list[Span]:
    """Spans in order, without overlaps: the longest wins, then the one that starts first."""
    plain = normalise(text)
    found = sorted(
        pattern_spans(plain) + phone_spans(plain), key=lambda span: (-len(span), span.start)
    )
    kept: list[Span] = []
    for span in found:
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept)


def redact(text: str) -> str:
    """`text` with each e-mail address, phone number, card and identity number masked."""
    parts: list[str] = []
    position = 0
    for span in detect(text):
        parts += [text[position : span.start], f"<{span.type}>"]
        position = span.end
    return "".join([*parts, text[position:]])
