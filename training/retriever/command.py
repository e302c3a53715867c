"""`kefu train retriever`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from knowledge_base.taught import Passing


def train_retriever(
    pairs: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder of JSONL files like those of training/pairs, read instead of them.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, much the same retriever.")] = 1,
) -> None:
    """Teach the search how customers ask, then index every collection anew with it.

    Takes about half an hour on two cores. Until a collection is indexed anew it is served
    as before; KEFU_RETRIEVER=plain goes back to the encoder as it was pretrained.
    """
    from chatbot.cli.kb import build_with_bars
    from chatbot.retriever_home import load_embedder, promote_retriever
    from chatbot.settings import load_settings
    from chatbot.vault_home import collection_of, open_vault
    from knowledge_base.collection import list_collections
    from training.pairs.reading import FOLDER
    from training.progress import RichWatch
    from training.retriever.model import RetrieverOrder, train_retriever

    settings = load_settings()
    order = RetrieverOrder(settings.retriever_home, pairs or FOLDER, seed=seed)
    console = Console(stderr=True)
    with RichWatch(console) as watch:
        report = train_retriever(order, models_home=settings.models_home, watch=watch)
    if report.trained:
        console.print(
            f"Taught by {report.questions:,} questions about {report.articles:,} articles."
        )
    else:
        console.print(f"{report.version} is what this would train; it is there already.")
    promote_retriever(settings, report.version)
    vault, embedder = open_vault(settings), load_embedder(settings)
    for name in list_collections(settings.collections_home):
        console.print(f"Indexing {name}.")
        build_with_bars(settings, collection_of(settings, name, vault=vault), embedder)
    Console().print(_table(report.exam))
    Console().print(_passing(report.passing))


def _table(exam: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table("on trades never taught", "first", "in 3", "AUROC")
    for name, row in exam.items():
        shares = (f"{100 * row[key]:.1f} %" for key in ("recall_at_1", "recall_at_3"))
        table.add_row(name, *shares, f"{row['auroc']:.3f}")
    return table


def _passing(rows: Sequence[Passing]) -> Table:
    """What KEFU_ANSWER_RISK chooses from."""
    table = Table("of unanswerable", "threshold", "of answerable pass")
    for row in rows:
        share = f"{100 * row.answered:.1f} %"
        table.add_row(f"at most {100 * row.risk:.0f} %", f"{row.threshold:.3f}", share)
    return table
