"""What stands in the place of personal data in everything that is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from privacy.detector import own_types, placeholder
from privacy.redaction import Redactor, detect, redact

MASKING_RULES = 4
"""Raised with every change of the recognisers that should reach stored conversations: what was
masked by lower rules is masked again."""

_TYPE = re.compile(r"<([A-Z][A-Z0-9_]*?)(?:_[0-9]{1,4})?>")

Place = tuple[int, int]


@dataclass(frozen=True)
class Masking:
    """What a text was masked by."""

    rules: int
    types: str = ""
    """Fingerprint of the company's own types; empty where it has none."""

    def outdates(self, earlier: Masking) -> bool:
        """Lower rules outdate nothing: a process of an older release may be at work still."""
        if earlier.rules == self.rules:
            return earlier.types != self.types
        return earlier.rules < self.rules


def masking_now() -> Masking:
    """What this process masks by."""
    return Masking(MASKING_RULES, own_types())


def mask_message(text: str, *, earlier: Callable[[], Iterable[str]]) -> str:
    """`text` masked with the next free numbers, `<PHONE_NUMBER_2>`, of its conversation.

    `earlier` gives the conversation's masked texts; it is asked only where there is something to
    mask. Weakness: a value that comes again in a later message gets a new number, for the earlier
    ones are sealed by then.
    """
    if redact(text) == text:
        return text
    redactor = Redactor()
    for known in earlier():
        redactor.redact(known)
    return redactor.redact(text).text


def mask_again(redactor: Redactor, *, original: str | None, masked: str) -> str:
    """The message by today's rules, and whatever `masked` hides stays hidden.

    What proves who asks, such as the last digits of a number, is known as personal data only to
    the form that asked for it. Where `masked` cannot be laid over the original beyond doubt, it is
    masked itself.
    """
    places = None if original is None else hidden_places(original, masked)
    if original is None or places is None:
        return redactor.redact(masked).text
    kinds = list(_types(masked))
    hidden: set[int] = set()
    while True:
        text, shown = _laid_over(original, places, kinds, hidden)
        found = detect(text)
        lost = {
            number
            for number, (start, end) in shown.items()
            if not any(span.start <= start and end <= span.end for span in found)
        }
        if not lost:
            return redactor.redact(text).text
        # A mask may take from another place what made it known as personal data.
        hidden |= lost


def _laid_over(
    original: str, places: list[Place], kinds: list[str], hidden: set[int]
) -> tuple[str, dict[int, Place]]:
    """The original with the hidden places masked, and where in it the others have come to lie."""
    text, position = "", 0
    shown = {}
    for number, ((start, end), kind) in enumerate(zip(places, kinds, strict=True)):
        text += original[position:start]
        if number in hidden:
            text += f"<{kind}>"
        else:
            shown[number] = len(text), len(text) + end - start
            text += original[start:end]
        position = end
    return text + original[position:], shown


def hidden_places(original: str, masked: str) -> list[Place] | None:
    """Where in the original the masks of `masked` stand; None unless there is one answer only.

    The leftmost way to lay one over the other and the rightmost bound all others between them.
    """
    literals = _masks().split(masked)
    if len(literals) == 1:
        return [] if masked == original else None
    leftmost = _leftmost(original, literals)
    mirrored = _leftmost(original[::-1], [literal[::-1] for literal in reversed(literals)])
    if leftmost is None or mirrored is None:
        return None
    length = len(original)
    rightmost = [(length - end, length - start) for start, end in reversed(mirrored)]
    return leftmost if leftmost == rightmost else None


def _leftmost(text: str, literals: list[str]) -> list[Place] | None:
    first, *between, last = literals
    if not text.startswith(first) or not text.endswith(last):
        return None
    places, position = [], len(first)
    for literal in between:
        start = text.find(literal, position + 1)
        if start < 0:
            return None
        places.append((position, start))
        position = start + len(literal)
    end = len(text) - len(last)
    return [*places, (position, end)] if position < end else None


def _types(masked: str) -> Iterator[str]:
    """Of masks side by side the first one's type stands for all."""
    for match in _masks().finditer(masked):
        kind = _TYPE.match(match.group())
        assert kind is not None
        yield kind.group(1)


def _masks() -> re.Pattern[str]:
    """Asked for each time: the company's own types are known only once a process is set up."""
    return re.compile(rf"(?:{placeholder().pattern})+")
