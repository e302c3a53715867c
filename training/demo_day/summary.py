"""The one page at the end of the day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from training.demo_day.day import Day

_WORDS = Path(__file__).with_name("wording.toml")
_GOOD, _BAD, _NONE = "✓", "✗", "·"


@dataclass(frozen=True)
class Outcome:
    step: str
    seconds: float
    figures: Mapping[str, object] | None
    failure: str | None = None

    @property
    def failed(self) -> bool:
        return self.failure is not None


def say(group: str, name: str, language: str, **values: object) -> str:
    return _words()[group][name][language].format(**values)


def show(console: Console, day: Day, outcomes: Sequence[Outcome], *, language: str) -> None:
    words = [say("page", name, language) for name in ("step", "time", "result")]
    table = Table("", *words, title=say("page", "title", language))
    for outcome in outcomes:
        title = say(outcome.step, "title", language)
        seconds = f"{outcome.seconds:.1f}" if outcome.figures is not None or outcome.failed else ""
        table.add_row(*map(Text, (_mark(outcome), title, seconds, _result(outcome, language))))
    console.print(table)
    minutes = f"{sum(outcome.seconds for outcome in outcomes) / 60:.1f}"
    failed = sum(outcome.failed for outcome in outcomes)
    closing = say(
        *("page", "bad" if failed else "good", language),
        minutes=minutes,
        failed=failed,
        all=len(outcomes),
    )
    look = say(
        *("page", "look", language), evidence=day.evidence, logs=day.logs, home=day.home.resolve()
    )
    for sentence in (closing, look):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _mark(outcome: Outcome) -> str:
    if outcome.failed:
        return _BAD
    return _GOOD if outcome.figures is not None else _NONE


def _result(outcome: Outcome, language: str) -> str:
    if outcome.failure is not None:
        return outcome.failure
    if outcome.figures is None:
        return say("page", "skipped", language)
    return say(outcome.step, "result", language, **outcome.figures)


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))
