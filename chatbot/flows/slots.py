"""Reading a slot's value out of what a customer wrote."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources

from chatbot.flows.form import Slot
from chatbot.language import to_simplified
from privacy.normalise import normalise

_EMAIL = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_FOUR = re.compile(r"(?<![0-9a-zA-Z])[0-9](?:[ -]?[0-9]){3}(?![0-9a-zA-Z])")
_PHONE = re.compile(r"(?<![0-9a-zA-Z])\+?[0-9](?:[ -]?[0-9]){9,13}(?![0-9a-zA-Z])")
_TAIL = 4


@dataclass(frozen=True)
class Found:
    value: str
    said: str
    """As it stands in the text."""


class Answer(Enum):
    YES = "yes"
    NO = "no"
    CANCEL = "cancel"


Reader = Callable[[Slot, str, bool], Found | None]


def read_slot(slot: Slot, text: str, *, asked: bool) -> Found | None:
    """`asked`: the text answers the question for this slot, so a looser form is understood."""
    return READERS[slot.reader](slot, text, asked)


def read_answer(text: str) -> Answer | None:
    """Never mind, no or yes, where the message begins with it."""
    said = to_simplified(normalise(text)).strip().lower().replace("’", "'")
    return next((answer for answer in _ORDER if _words()[answer].match(said)), None)


def proofs_in(text: str) -> tuple[str, ...]:
    """All that may be meant as a proof of who asks, understood or not."""
    plain = normalise(text)
    return tuple(
        text[match.start() : match.end()]
        for pattern in (_EMAIL, _PHONE, _FOUR)
        for match in pattern.finditer(plain)
    )


def without(text: str, founds: list[Found]) -> str:
    for found in founds:
        text = text.replace(found.said, " ")
    return text


def _by_pattern(slot: Slot, text: str, asked: bool) -> Found | None:
    plain = normalise(text)
    patterns = [slot.pattern, slot.loose if asked else None]
    for pattern in patterns:
        matches = list(pattern.finditer(plain)) if pattern else []
        if matches:
            # Who corrects themselves says the right one last.
            match = matches[-1]
            return Found(slot.written.format(*match.groups()), text[match.start() : match.end()])
    return None


def _verifier(_slot: Slot, text: str, asked: bool) -> Found | None:
    """An e-mail address, a whole phone number, or its last four digits."""
    plain = normalise(text)
    email = _EMAIL.search(plain)
    if email:
        return Found(email.group().lower(), text[email.start() : email.end()])
    phone = _PHONE.search(plain)
    if phone:
        digits = re.sub(r"\D", "", phone.group())
        return Found(digits[-_TAIL:], text[phone.start() : phone.end()])
    fours = list(_FOUR.finditer(plain))
    if len(fours) == 1 and (asked or _MEANT.search(plain)):
        match = fours[0]
        return Found(re.sub(r"\D", "", match.group()), text[match.start() : match.end()])
    return None


_MEANT = re.compile(
    r"last|digit|phone|number ends|ending|尾号|后四位|后4位|末四位|手机", re.IGNORECASE
)

READERS: dict[str, Reader] = {"pattern": _by_pattern, "verifier": _verifier}

_ORDER = (Answer.CANCEL, Answer.NO, Answer.YES)


@cache
def _words() -> dict[Answer, re.Pattern[str]]:
    source = resources.files("chatbot.flows").joinpath("words.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(source)
    return {answer: re.compile("|".join(tables[answer.value])) for answer in Answer}
