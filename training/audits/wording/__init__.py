"""The sentences of the report, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from chatbot.attributes import Label, Offer
from chatbot.conversation import Language

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Wording:
    language: str
    tables: Mapping[str, Mapping[str, str]]
    lists: Mapping[str, tuple[str, ...]]
    attributes: Offer = field(default_factory=dict)
    """What customers were asked for, in the company's own words."""

    def say(self, table: str, key: str, **values: object) -> str:
        """Raises KeyError for a sentence or a placeholder that does not exist."""
        return self.tables[table][key].format(**values)

    def label(self, table: str, key: str) -> str:
        """The key itself where no word is known: channels and groups have names of their own."""
        return self.tables[table].get(key, key)

    def heading(self, dimension: str) -> str:
        return self._by("headings", dimension)

    def dimension(self, name: str) -> str:
        return self._by("dimensions", name)

    def group(self, dimension: str, group: str) -> str:
        """Only in its own dimension: `other` may be a value of two attributes."""
        attribute = self.attributes.get(dimension)
        if attribute is None:
            return self.label("groups", group)
        told = attribute.values.get(group)
        return group if told is None else self._own(told)

    def _by(self, table: str, dimension: str) -> str:
        attribute = self.attributes.get(dimension)
        if attribute is None:
            return self.label(table, dimension)
        return self.say(table, "group", attribute=self._own(attribute))

    def _own(self, label: Label) -> str:
        return label.say(Language.EN if self.language == "en" else Language.ZH_HANS)

    def percent(self, share: float | None, *, digits: int = 1) -> str:
        if share is None:
            return self.say("page", "not_defined")
        return self.say("page", "percent", value=f"{100 * share:.{digits}f}")

    def ratio(self, value: float | None) -> str:
        return self.say("page", "not_defined") if value is None else f"{value:.2f}"

    def signed_points(self, difference: float) -> str:
        # Plus zero turns the negative zero of rounding into the common one.
        return f"{round(100 * difference, 1) + 0.0:+.1f}".replace("-", "−")

    def moment(self, moment: datetime | None) -> str:
        if moment is None:
            return self.say("page", "none")
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    def day(self, moment: date) -> str:
        return f"{moment:%Y-%m-%d}"


def load_wording(
    language: str, *, attributes: Offer | None = None, folder: Path = FOLDER
) -> Wording:
    path = folder / f"report.{language}.toml"
    book = tomllib.loads(path.read_text(encoding="utf-8"))
    return Wording(
        language,
        {name: table for name, table in book.items() if "items" not in table},
        {name: tuple(table["items"]) for name, table in book.items() if "items" in table},
        attributes or {},
    )
