"""How much of what the scripted customers do: shares and chances, read from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TypeVar

from chatbot.errors import FileInvalid

DEFAULT_MIX = Path(__file__).with_name("mix.toml")
LANGUAGES = ("en", "zh")
UNFAIR_FACTOR = 3.0
"""How many times as often the language that is treated unfairly asks for a person."""

Choice = TypeVar("Choice", bound=str)


class Plot(StrEnum):
    """What a conversation is about."""

    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    OUT_OF_SCOPE = "out_of_scope"
    ANGRY = "angry"
    PERSON = "person"
    SMALL_TALK = "small_talk"
    EXTRA = "extra"


@dataclass(frozen=True)
class Chances:
    """Probabilities; `mix.toml` says what each is of."""

    improve: float
    audit: float
    personal_data: float
    greeting: float
    rating: float
    reason: float
    button: float
    thanks: float
    closing: float
    correction: float
    editing: float
    returning: float
    attribute: float = 0.0


@dataclass(frozen=True)
class Mix:
    languages: Mapping[str, float]
    channels: Mapping[str, float]
    plots: Mapping[Plot, float]
    """Weights; `plots_of` gives shares."""
    chances: Chances
    unfair_to: str | None = None

    def plots_of(self, language: str) -> dict[Plot, float]:
        """Shares that add up to one."""
        total = sum(self.plots.values())
        shares = {plot: weight / total for plot, weight in self.plots.items()}
        if language != self.unfair_to:
            return shares
        fair = shares.get(Plot.PERSON, 0.0)
        asked = min(UNFAIR_FACTOR * fair, 1.0)
        rest = (1 - asked) / (1 - fair) if fair < 1 else 0.0
        return {
            plot: asked if plot is Plot.PERSON else share * rest for plot, share in shares.items()
        }

    def unfair(self, language: str | None) -> Mix:
        return replace(self, unfair_to=language)

    def with_extra(self, share: float) -> Mix:
        """That share of the conversations asks an extra question."""
        others = sum(weight for plot, weight in self.plots.items() if plot is not Plot.EXTRA)
        weight = others * share / (1 - share)
        return replace(self, plots={**self.plots, Plot.EXTRA: weight})


def read_mix(path: Path = DEFAULT_MIX) -> Mix:
    """Raises FileInvalid with the table and key that is wrong, OSError without the file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileInvalid(path, f"it is not TOML ({error})") from None
    unknown = set(data) - {"languages", "channels", "plots", "chances"}
    if unknown:
        raise FileInvalid(path, f"unknown tables: {', '.join(sorted(unknown))}")
    chances = _numbers(path, data, "chances", [field.name for field in fields(Chances)])
    for name, value in chances.items():
        if value > 1:
            raise FileInvalid(path, f"[chances] {name} is {value:g}; a chance is 0 to 1")
    needed = {field.name for field in fields(Chances) if field.default is MISSING}
    if missing := needed - chances.keys():
        raise FileInvalid(path, f"[chances] lacks {', '.join(sorted(missing))}")
    plots = _weights(path, data, "plots", list(Plot))
    return Mix(
        languages=_weights(path, data, "languages", LANGUAGES),
        channels=_weights(path, data, "channels", None),
        plots={Plot(name): weight for name, weight in plots.items()},
        chances=Chances(**chances),
    )


def choose(random: Random, weights: Mapping[Choice, float]) -> Choice:
    return random.choices(list(weights), weights=list(weights.values()))[0]


def _weights(
    path: Path, data: Mapping[str, object], table: str, allowed: list[Plot] | tuple[str, ...] | None
) -> dict[str, float]:
    weights = _numbers(path, data, table, allowed)
    if sum(weights.values()) <= 0:
        raise FileInvalid(path, f"[{table}] needs at least one weight above 0")
    return weights


def _numbers(
    path: Path,
    data: Mapping[str, object],
    table: str,
    allowed: list[Plot] | list[str] | tuple[str, ...] | None,
) -> dict[str, float]:
    values = data.get(table)
    if not isinstance(values, dict):
        raise FileInvalid(path, f"needs a table [{table}]")
    for name, value in values.items():
        if allowed is not None and name not in allowed:
            raise FileInvalid(path, f"[{table}] {name} is unknown; there is {', '.join(allowed)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            raise FileInvalid(path, f"[{table}] {name} is no number of 0 or more")
    return {name: float(value) for name, value in values.items()}
