"""What a detector says about a piece of text."""

from __future__ import annotations

from dataclasses import dataclass

ACCEPTED = 0.5
"""What scores less is not masked."""


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]`, offsets in code points, is personal data of this type."""

    start: int
    end: int
    type: str
    recognizer: str = ""
    score: float = 1.0
    """How sure: about 1 with a check digit, 0.9 beside a word that says so, less by form alone."""
    reason: str = ""
    """`checksum`, `format`, `grammar`, `announced`, or `context:` and the word; never the value."""

    def __len__(self) -> int:
        return self.end - self.start
