"""The table of what was measured beside what was asked for and what others published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import mean, stdev

from rich.table import Table

from tests.benchmarks.intents.plan import Dataset, Row
from tests.benchmarks.intents.results import Run

HEADINGS = (
    *("data", "must", "aim", "Kefu: mean ± deviation (seeds)", "best published"),
    *("training", "peak memory"),
)


class Verdict(StrEnum):
    AIM = "✓✓"
    MUST = "✓"
    MISSED = "✗"
    REPORTED = ""


@dataclass(frozen=True)
class Line:
    row: Row
    data: str
    values: tuple[float, ...]
    """One of each seed."""
    training: str = ""
    memory: str = ""

    @property
    def verdict(self) -> Verdict:
        row = self.row
        if not self.values or (row.must is None and row.aim is None):
            return Verdict.REPORTED
        if row.aim is not None and _reaches(mean(self.values), row.aim, row):
            return Verdict.AIM
        if row.must is not None and _reaches(mean(self.values), row.must, row):
            return Verdict.MUST
        return Verdict.MISSED

    @property
    def cells(self) -> tuple[str, ...]:
        row = self.row
        measured = f"{spread(self.values, row)} {self.verdict}".strip()
        asked = (_asked(row.must, row), _asked(row.aim, row))
        published = row.published or "–"
        return (self.data, *asked, measured, published, self.training, self.memory)


def lines(dataset: Dataset, runs: Sequence[Run]) -> list[Line]:
    """The first line says what the training cost, and with which recipe."""
    if not runs:
        return [Line(row, f"{dataset.title}: {row.what}", ()) for row in dataset.rows]
    recipe = runs[0].recipe
    described = dataset.title if recipe is None else f"{dataset.title} (recipe {recipe})"
    return [
        Line(
            row,
            f"{described}: {row.what}",
            tuple(value for run in runs if (value := run.figure(row.figure)) is not None),
            training="" if number else f"{mean(run.train_seconds for run in runs):.0f} s",
            memory="" if number else f"{mean(run.peak_gigabytes for run in runs):.2f} GB",
        )
        for number, row in enumerate(dataset.rows)
    ]


def spread(values: Sequence[float], row: Row) -> str:
    """`mean ± sample standard deviation (number)`; one value alone has no deviation."""
    if not values:
        return "–"
    deviation = f" ± {_number(stdev(values), row)}" if len(values) > 1 else ""
    return f"{_number(mean(values), row)}{deviation} ({len(values)})"


def rich_table(shown: Sequence[Line]) -> Table:
    table = Table(title="Intents", show_lines=True)
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold")
    for line in shown:
        table.add_row(*line.cells, style="red" if line.verdict is Verdict.MISSED else None)
    return table


def markdown(shown: Sequence[Line]) -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(line.cells for line in shown)]
    text = "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    )
    return f"{text}\n\n✓✓ reaches the aim, ✓ what is asked for at least, ✗ neither.\n"


def _reaches(value: float, asked: float, row: Row) -> bool:
    return value <= asked if row.lower_is_better else value >= asked


def _asked(value: float | None, row: Row) -> str:
    if value is None:
        return "–"
    return f"{'≤' if row.lower_is_better else '≥'} {value:g}"


def _number(value: float, row: Row) -> str:
    if row.figure == "train_seconds":
        return f"{value:.0f}"
    return f"{value:.2f}" if row.figure == "peak_gigabytes" else f"{value:.4f}"
