"""What the bench trains and measures, read from the TOML file beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLAN = Path(__file__).with_name("plan.toml")
RECIPES = Path(__file__).with_name("recipes")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    """`measurement.key of its report`, or a figure of the training."""
    must: float | None = None
    aim: float | None = None
    lower_is_better: bool = False
    published: str = ""


@dataclass(frozen=True)
class Dataset:
    name: str
    title: str
    folder: str
    train: str
    tests: Mapping[str, Sequence[str]]
    rows: tuple[Row, ...]
    validation: str | None = None
    base: str = "auto"
    """As `kefu train intent --base` takes it."""
    stripped: bool = False
    """Whether the headers, footers and quotes of its messages are left out."""

    @property
    def files(self) -> list[str]:
        chosen = [] if self.validation is None else [self.validation]
        return [self.train, *chosen, *(name for names in self.tests.values() for name in names)]

    def recipe(self, recipes: Path = RECIPES) -> Path | None:
        """Hyper-parameters of its own; None where the shipped ones do."""
        path = recipes / f"{self.name}.toml"
        return path if path.is_file() else None


def read_plan(path: Path = PLAN) -> tuple[Dataset, ...]:
    return tuple(_dataset(table) for table in tomllib.loads(path.read_text("utf-8"))["data"])


def _dataset(table: Mapping[str, Any]) -> Dataset:
    return Dataset(**{**table, "rows": tuple(Row(**row) for row in table["rows"])})
