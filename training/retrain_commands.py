"""`kefu retrain …`: let the intent model learn from what people reviewed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chatbot.cli.options import CollectionOption
from chatbot.settings import Settings, load_settings
from training.retrain_tables import (
    Tongue,
    gate_table,
    outcome_line,
    queue_line,
    runs_table,
    versions_table,
    word,
)

_RUNS_SHOWN = 5

LanguageOption = Annotated[
    Tongue, typer.Option("--language", help="Of what is printed: en or zh (中文).")
]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who decides, for the history; else the system user.")
]


def register(app: typer.Typer) -> None:
    retrain = typer.Typer(
        no_args_is_help=True, help="Let the intent model learn from reviewed sentences."
    )
    retrain.command("run")(run)
    retrain.command("status")(status)
    retrain.command("promote")(promote)
    retrain.command("rollback")(rollback)
    retrain.command("export")(export)
    retrain.command("import")(import_reviewed)
    app.add_typer(retrain, name="retrain")


def run(
    collection: CollectionOption = None,
    run_id: Annotated[
        str | None, typer.Option(help="Name of the run; the same name goes on with it.")
    ] = None,
    promote: Annotated[
        bool, typer.Option(help="Let a challenger that passes serve at once.")
    ] = True,
    even_if_nothing_new: Annotated[
        bool, typer.Option("--even-if-nothing-new", help="Train although no label is new.")
    ] = False,
    from_scratch: Annotated[
        bool,
        typer.Option("--from-scratch", help="Start from the bare encoder, not the serving model."),
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="Encoder of the challenger; else the serving model's.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data.")] = None,
    by: ByOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Train a challenger, compare it with the model that serves, and promote the better one.

    Exit code 1 when the challenger is refused.
    """
    # torch takes seconds to import: only the commands that need it wait.
    from training.cycle_run import Outcome
    from training.progress import RichWatch
    from training.retraining import next_run_id, retrain

    settings, name = _chosen(collection)
    console = Console(stderr=True)
    with RichWatch(console) as watch:
        finished = retrain(
            settings,
            name,
            run_id=run_id or next_run_id(settings, name),
            by=_who(by),
            watch=watch,
            base=base,
            epochs=epochs,
            promote=promote,
            even_if_nothing_new=even_if_nothing_new,
            from_scratch=from_scratch,
        )
    if finished.gate is not None:
        Console().print(gate_table(finished.gate, language))
    refused = finished.outcome is Outcome.REFUSED
    _say(outcome_line(finished, language), on=console if refused else Console())
    if refused:
        raise typer.Exit(1)


def status(collection: CollectionOption = None, language: LanguageOption = Tongue.EN) -> None:
    """The versions with their states and reasons, the last runs, and the review queue."""
    from training.cycle_run import read_runs
    from training.retraining import open_registry, open_review_queue, training_folder

    settings, name = _chosen(collection)
    console = Console()
    versions = open_registry(settings, name).history()
    console.print(versions_table(name, versions, language))
    runs = read_runs(training_folder(settings, name))[:_RUNS_SHOWN]
    if runs:
        console.print(runs_table(runs, language))
    _say(queue_line(open_review_queue(settings, name).list(), language), on=console)


def promote(
    version: Annotated[str, typer.Argument(help="As `kefu retrain status` names it.")],
    collection: CollectionOption = None,
    override: Annotated[
        bool, typer.Option("--override", help="Promote a version that the gate refused.")
    ] = False,
    by: ByOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Let a version serve; the former one stays for a rollback."""
    from training.retraining import open_registry

    settings, name = _chosen(collection)
    open_registry(settings, name).promote(version, by=_who(by), override=override)
    _say(word("serves_now", language, version=version))


def rollback(
    collection: CollectionOption = None,
    by: ByOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Let the former version serve again."""
    from training.retraining import open_registry

    settings, name = _chosen(collection)
    lineage = open_registry(settings, name).rollback(by=_who(by))
    _say(word("rolled_back", language, version=lineage.champion))


def export(
    path: Annotated[Path, typer.Argument(help="CSV file to write.")],
    collection: CollectionOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Write the sentences that wait for a label; fill the column `intent`, `-` rejects.

    The ledger has it first: they are customers' words, masked.
    """
    from chatbot.cli.operator import open_desk, operator
    from chatbot.privacy_desk import write
    from chatbot.read_log import IMPROVE
    from training.retraining import open_review_queue
    from training.review import ReviewState
    from training.review_csv import export_review

    settings, name = _chosen(collection)
    queue = open_review_queue(settings, name)
    write(open_desk(), operator(), "export_review", subject=f"review:{name}", purpose=IMPROVE)
    count = export_review(path, queue.list(ReviewState.PENDING))
    _say(word("exported", language, count=count, path=path))


def import_reviewed(
    path: Annotated[Path, typer.Argument(help="CSV text,intent,language,id,reason,suggested.")],
    collection: CollectionOption = None,
    new_intents: Annotated[
        bool, typer.Option("--new-intents", help="Allow intents that nobody was taught yet.")
    ] = False,
    by: ByOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Take over the labels of a reviewed file, unless one of its rows is wrong."""
    from training.retraining import known_intents, open_review_queue
    from training.review_csv import apply_review, read_review

    settings, name = _chosen(collection)
    rows = read_review(path, known=known_intents(settings, name), new_intents=new_intents)
    queue = open_review_queue(settings, name)
    count = apply_review(queue, rows, reviewer=_who(by), at=datetime.now(UTC))
    _say(word("imported", language, approved=count.approved, rejected=count.rejected))


def _chosen(collection: str | None) -> tuple[Settings, str]:
    settings = load_settings()
    return settings, collection or settings.collection


def _who(by: str | None) -> str:
    return by or os.environ.get("USER") or "command line"


def _say(sentence: str, *, on: Console | None = None) -> None:
    (on or Console()).print(sentence, markup=False, highlight=False, soft_wrap=True)
