"""Forms as they are written down: slots, questions, what a company system may answer."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from chatbot.conversation import Language
from chatbot.language import to_traditional

CONFIRM = "confirm"
"""What is being asked for while a form waits for yes or no."""
NOT_FOUND = "not_found"

Text = Mapping[str, str]
"""By base language."""


@dataclass(frozen=True)
class Slot:
    name: str
    reader: str
    """A name in `slots.READERS`."""
    ask: Text
    again: Text
    """After an answer that did not fit."""
    secret: bool = False
    """Used in the turn in which it comes, never kept."""
    pattern: re.Pattern[str] | None = None
    loose: re.Pattern[str] | None = None
    """Accepted as well while this slot is being asked for."""
    written: str = ""
    """How the groups of the pattern become the value."""


@dataclass(frozen=True)
class Form:
    name: str
    intent: str
    tries: int
    """Answers in a row that may fail to fit before a person is called."""
    beside: re.Pattern[str]
    """Words beside a value that say nothing else: "my order number is"."""
    slots: tuple[Slot, ...]
    """Secret ones last."""
    texts: Mapping[str, Text]
    results: Mapping[str, Text]
    """By the status that the company system answers."""

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)

    @property
    def open_slots(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if not slot.secret)

    @property
    def secret_slots(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.slots if slot.secret)

    def says(self, name: str, text: str) -> bool:
        """Whether `text` is this one of the form's texts: a quick reply that was clicked."""
        said = text.strip().casefold()
        return any(in_words(self.texts[name], language).casefold() == said for language in Language)


@dataclass(frozen=True)
class ActionResult:
    """What a company system answered."""

    status: str
    """A key of `Form.results`."""
    fields: Mapping[str, str] = field(default_factory=dict)


def in_words(text: Text, language: Language, values: Mapping[str, str] | None = None) -> str:
    """Raises KeyError where a value is missing."""
    words = text[language.base].format_map(values or {})
    return to_traditional(words) if language is Language.ZH_HANT else words


@cache
def load_forms() -> tuple[Form, ...]:
    """The forms that are shipped."""
    folder = resources.files("chatbot.flows")
    return (_form(tomllib.loads(folder.joinpath("order_status.toml").read_text("utf-8"))),)


def _form(row: dict[str, object]) -> Form:
    slots, texts, results = row["slots"], row["texts"], row["results"]
    assert isinstance(slots, dict)
    assert isinstance(texts, dict)
    assert isinstance(results, dict)
    read = tuple(_slot(name, slot) for name, slot in slots.items())
    return Form(
        name=str(row["name"]),
        intent=str(row["intent"]),
        tries=int(str(row["tries"])),
        beside=re.compile(str(row["beside"]), re.IGNORECASE),
        slots=(*(s for s in read if not s.secret), *(s for s in read if s.secret)),
        texts=texts,
        results=results,
    )


def _slot(name: str, row: dict[str, object]) -> Slot:
    ask, again = row["ask"], row["again"]
    assert isinstance(ask, dict)
    assert isinstance(again, dict)
    return Slot(
        name=name,
        reader=str(row["reader"]),
        ask=ask,
        again=again,
        secret=bool(row.get("secret")),
        pattern=_compiled(row.get("pattern")),
        loose=_compiled(row.get("loose")),
        written=str(row.get("written", "")),
    )


def _compiled(pattern: object) -> re.Pattern[str] | None:
    return re.compile(str(pattern), re.IGNORECASE) if pattern else None
