"""What a detector says about a piece of text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]`, offsets in code points, is personal data of this type."""

    start: int
    end: int
    type: str
    recognizer: str = ""
    score: float = 1.0

    def __len__(self) -> int:
        return self.end - self.start
