"""`kefu train …`, and the commands that judge what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.comparison_command import compare_intent
from training.compress.command import compress_intent
from training.evaluation.commands import evaluate_intent, evaluate_pii
from training.evaluation.retrieval.command import evaluate_retrieval, list_runs
from training.explanation_command import explain
from training.names.command import train_names
from training.printing import figures_table, show_findings
from training.retriever.command import train_retriever


def register(app: typer.Typer) -> None:
    """Called by the product's command line for the entry point `kefu.commands`."""
    train = typer.Typer(no_args_is_help=True, help="Train a model from your own examples.")
    train.command("intent")(train_intent)
    train.command("names")(train_names)
    train.command("retriever")(train_retriever)
    app.add_typer(train, name="train")
    evaluate = typer.Typer(no_args_is_help=True, help="Measure a model on labelled data.")
    evaluate.command("intent")(evaluate_intent)
    evaluate.command("pii")(evaluate_pii)
    evaluate.command("retrieval")(evaluate_retrieval)
    evaluate.command("runs")(list_runs)
    app.add_typer(evaluate, name="evaluate")
    compare = typer.Typer(no_args_is_help=True, help="Try several recipes on the same data.")
    compare.command("intent")(compare_intent)
    app.add_typer(compare, name="compare")
    compress = typer.Typer(no_args_is_help=True, help="Make a trained model smaller and faster.")
    compress.command("intent")(compress_intent)
    app.add_typer(compress, name="compress")
    app.command("explain")(explain)


def train_intent(
    data: Annotated[Path, typer.Option(help="CSV text,intent[,language].")],
    out: Annotated[Path, typer.Option(help="Directory for the model; replaced if it holds one.")],
    validation: Annotated[
        Path | None,
        typer.Option(help="CSV for calibration and the best epoch; else rows are held out."),
    ] = None,
    base: Annotated[
        str, typer.Option(help="auto, minilm (English), e5 (multilingual), a path or a hub id.")
    ] = "auto",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same data: same model.")] = 1,
    recipe: Annotated[
        Path | None, typer.Option(help="TOML with other hyper-parameters than the shipped ones.")
    ] = None,
    restart: Annotated[
        bool, typer.Option(help="Throw an interrupted training away instead of going on with it.")
    ] = False,
) -> None:
    """Fine-tune an encoder to tell your customers' intents apart.

    Started again with the same --out, an interrupted training goes on where it was. Several
    processes: torchrun --nproc-per-node N --no-python kefu train intent …
    """
    # torch takes seconds to import: only the command that needs it waits.
    from chatbot.settings import load_settings
    from chatbot.vault_home import open_vault
    from training.base_weights import opened_base
    from training.intent import TrainingOrder, train_intent
    from training.processes import leads
    from training.progress import RichWatch
    from training.recipe import SHIPPED

    console = Console(stderr=True, quiet=not leads())
    settings = load_settings()
    with opened_base(base, open_vault(settings)) as start, RichWatch(console) as watch:
        order = TrainingOrder(
            *(data, out, validation, start, epochs, seed, recipe or SHIPPED),
            checkpoints=True,
            restart=restart,
            curves=True,
            served=True,
        )
        report = train_intent(order, models_home=settings.models_home, watch=watch)
    show_findings(console, data, report.findings)
    console.print(
        f"Trained on {report.rows:,} rows from {report.base}, {report.epochs} epochs; "
        f"version {report.version} in {out}."
    )
    console.print(figures_table(f"Held-out rows ({report.held_out_rows:,})", report.metrics))
