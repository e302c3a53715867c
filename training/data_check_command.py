"""`kefu data …`: look at labelled sentences before they are trained on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.retrain_tables import Tongue


def register(app: typer.Typer) -> None:
    data = typer.Typer(no_args_is_help=True, help="Look at labelled sentences before training.")
    data.callback()(_group)
    data.command("check")(check)
    app.add_typer(data, name="data")


def _group() -> None:
    """Look at labelled sentences before training."""


def check(
    path: Annotated[
        Path,
        typer.Argument(
            help="CSV or JSONL text,intent[,language]; Rasa NLU files, a Dialogflow ES export or "
            "Chatwoot conversations, also as a folder or a ZIP file."
        ),
    ],
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A file that measures; rows in both are reported. Repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show every place, however many.")] = False,
    language: Annotated[
        Tongue, typer.Option("--language", help="Of what is printed: en or zh (中文).")
    ] = Tongue.EN,
) -> None:
    """Find what is wrong or odd in labelled data.

    Exit code 1 when something keeps it from being trained on.
    """
    from training.data_check import check_data
    from training.data_check_tables import as_json as to_json
    from training.data_check_tables import fault_sentence, findings_table, summary

    with Console(stderr=True).status("正在检查" if language is Tongue.ZH else "Checking"):
        found = check_data(path, against or ())
    if as_json:
        typer.echo(json.dumps(to_json(found, language), ensure_ascii=False, indent=2))
    else:
        console = Console()
        if found.faults or found.findings:
            console.print(findings_table(found, language, all_rows=every))
        console.print(summary(found, language), markup=False, highlight=False, soft_wrap=True)
    if found.faults:
        sentence = fault_sentence(found.faults[0], language)
        Console(stderr=True).print(
            f"kefu: {sentence}", markup=False, highlight=False, soft_wrap=True
        )
        raise typer.Exit(1)
