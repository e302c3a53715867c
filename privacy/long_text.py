"""A long text in pieces that are read one by one, so that its cost grows with its length only.

Each place belongs to one piece, and that piece shows what stands around it: whatever begins there
is found as it would be in the whole text, unless it or the words that tell of it reach further
than the margin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PIECE = 8000
"""Characters that belong to a piece; twice the longest message by default."""
MARGIN = 512
"""Characters around them. The longest form of a value and its words is about 300, but for links."""
# A link has no longest form: what is cut off goes on to the next space.
_REST = re.compile("[^\\s\u3400-\u9fff]*")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    offset: int
    """Of its first character in the whole text."""
    first: int
    last: int
    """What begins in [first, last) of the whole text belongs to it."""


def pieces(text: str) -> Iterator[Piece]:
    if len(text) <= PIECE + MARGIN:
        yield Piece(text, 0, 0, len(text))
        return
    for first in range(0, len(text), PIECE):
        last = min(first + PIECE, len(text))
        start = max(0, first - MARGIN)
        yield Piece(text[start : last + MARGIN], start, first, last)


def whole_end(text: str, end: int, *, piece: Piece) -> int:
    """Where that ends which was found up to `end` of the whole text, in `piece`."""
    if end < piece.offset + len(piece.text) or end == len(text):
        return end
    rest = _REST.match(text, end)
    return rest.end() if rest else end
