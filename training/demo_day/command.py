"""`kefu demo-day`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from chatbot.settings import load_settings
from training.errors import StepFailed
from training.retrain_tables import Tongue

if TYPE_CHECKING:
    from training.demo_day.day import DayOrder


def demo_day(
    out: Annotated[
        Path | None, typer.Option(help="New folder; demo-day/<time> in KEFU_HOME if not given.")
    ] = None,
    conversations: Annotated[int, typer.Option(min=1, help="To simulate.")] = 300,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 7,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="KEFU_HOME to take the demo company from; else this one."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of the retraining.")] = None,
    language: Annotated[
        Tongue, typer.Option("--language", help="Of what is printed: en or zh (中文).")
    ] = Tongue.EN,
) -> None:
    """Live one day: serve, simulate, hand over, mask, review, retrain, audit, scan, erase.

    Everything happens in a fresh home. Exit code 1 when a step did not end as it should.
    """
    from training.demo_day.day import DayOrder

    home = load_settings().home
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder = (out or home / "demo-day" / stamp).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise typer.BadParameter(f"{folder} is not empty")
    order = DayOrder(
        out=folder,
        conversations=conversations,
        seed=seed,
        source=source or (home if (home / "models").is_dir() else None),
        epochs=epochs,
    )
    _live(order, language)


def _live(order: DayOrder, language: Tongue) -> None:
    import time
    from contextlib import ExitStack

    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    from training.demo_day.day import STEPS, begin
    from training.demo_day.summary import Outcome, say, show

    outcomes: list[Outcome] = []
    columns = (SpinnerColumn(), "{task.description}", MofNCompleteColumn(), TimeElapsedColumn())
    bars = Progress(*columns, console=Console(stderr=True))
    with bars, ExitStack() as stack:
        day = begin(order, stack)
        task = bars.add_task("", total=len(STEPS))
        blocked = False
        for step in STEPS:
            bars.update(task, description=say(step.name, "title", language.value))
            started = time.monotonic()
            try:
                figures = None if blocked else step.do(day)
                failure = None
            except StepFailed as error:
                figures, failure = None, str(error)
                blocked = step.vital
            outcomes.append(Outcome(step.name, time.monotonic() - started, figures, failure))
            bars.advance(task)
    show(Console(), day, outcomes, language=language.value)
    if any(outcome.failed for outcome in outcomes):
        raise typer.Exit(1)
