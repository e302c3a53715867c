"""`kefu train names`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


def train_names(
    out: Annotated[
        Path | None, typer.Option(help="Directory; the one that this installation serves from.")
    ] = None,
    background: Annotated[
        Path | None,
        typer.Option(help="CSV with a column text: your customers' sentences, nobody named in it."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, much the same model.")] = 1,
) -> None:
    """Teach the model that finds people and addresses, on sentences made up for it.

    What it serves to is masked from the next start of server and worker on.
    """
    from chatbot.settings import load_settings
    from training.corpus import read_corpus
    from training.names.model import NameOrder, train_names
    from training.progress import RichWatch

    settings = load_settings()
    rows = () if background is None else read_corpus(background).utterances
    order = NameOrder(out or settings.names_home, tuple(row.text for row in rows), seed=seed)
    console = Console(stderr=True)
    with RichWatch(console) as watch:
        report = train_names(order, models_home=settings.models_home, watch=watch)
    if report is None:
        console.print(f"The model in {order.out} is the one this would train.")
        return
    table = Table("on made-up sentences", "precision", "recall", "F2", "threshold")
    for kind, figures in report.figures.items():
        cells = (figures.precision, figures.recall, figures.f2, report.thresholds[kind])
        table.add_row(kind, *(f"{cell:.3f}" for cell in cells))
    Console().print(table)
    console.print(f"{report.version} is in {order.out}; {report.sentences:,} sentences taught.")
