"""What a conversation carries from turn to turn: the company's words and masked values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

MOODS = 4
"""Messages whose sentiment is remembered."""


class Pending(StrEnum):
    PERSON = "person"
    ARTICLE = "article"
    """The topic's own, after "is it this?"."""


@dataclass(frozen=True)
class FormState:
    """How far a form has come. Values of secret slots are used at once and never kept."""

    form: str
    values: Mapping[str, str] = field(default_factory=dict)
    asking: str = ""
    """The slot whose value is expected next, or `CONFIRM`."""
    tries: int = 0
    """Answers in a row that did not fit."""
    offered: bool = False
    """The form was only mentioned: going on without it is no failure."""


@dataclass(frozen=True)
class Memory:
    topic: str = ""
    """Question of the article that was spoken of last, in the company's words."""
    documents: tuple[str, ...] = ()
    """Of that article, or of those that were offered."""
    intent: str = ""
    language: str = ""
    """Tag of the last message's language, for one that shows none."""
    moods: tuple[float, ...] = ()
    """Sentiment in [-1, 1] of the last messages, oldest first."""
    failures: int = 0
    """Turns in a row that ended without help."""
    pending: Pending | None = None
    """What the bot offered in its last words; "yes" takes it up."""
    form: FormState | None = None

    def feeling(self, score: float) -> Memory:
        return replace(self, moods=(*self.moods, round(score, 3))[-MOODS:])

    def dump(self) -> dict[str, object]:
        row = asdict(self)
        return {**row, "documents": list(self.documents), "moods": list(self.moods)}


def read_memory(row: Mapping[str, object]) -> Memory:
    """What `dump` wrote; a part of another version or shape is forgotten, not an error."""
    moods, documents, failures = row.get("moods"), row.get("documents"), row.get("failures")
    pending = _text(row.get("pending"))
    return Memory(
        topic=_text(row.get("topic")),
        documents=tuple(_text(item) for item in documents) if isinstance(documents, list) else (),
        intent=_text(row.get("intent")),
        language=_text(row.get("language")),
        moods=tuple(float(mood) for mood in moods if isinstance(mood, int | float))[-MOODS:]
        if isinstance(moods, list)
        else (),
        failures=failures if isinstance(failures, int) else 0,
        pending=Pending(pending) if pending in set(Pending) else None,
        form=_form(row.get("form")),
    )


def _form(row: object) -> FormState | None:
    if not isinstance(row, Mapping) or not row.get("form"):
        return None
    values, tries = row.get("values"), row.get("tries")
    return FormState(
        form=_text(row["form"]),
        values={str(name): str(value) for name, value in values.items()}
        if isinstance(values, Mapping)
        else {},
        asking=_text(row.get("asking")),
        tries=tries if isinstance(tries, int) else 0,
        offered=bool(row.get("offered")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
