"""`kefu models`: the weights that Kefu runs on."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from chatbot.models.errors import ModelError
from chatbot.models.installed import installed
from chatbot.models.pull import pull
from chatbot.models.verify import FileState, verify
from chatbot.settings import load_settings

NEEDED = ("minilm", "e5")
"""What the product cannot answer or train without."""

Names = Annotated[
    list[str] | None, typer.Argument(help=f"Names in models.lock; {' and '.join(NEEDED)} if none.")
]


def register(app: typer.Typer) -> None:
    models = typer.Typer(help="Fetch and check model weights.", no_args_is_help=True)
    models.command("list")(list_models)
    models.command("pull")(pull_models)
    models.command("verify")(verify_models)
    app.add_typer(models, name="models")


def list_models() -> None:
    """Every model in models.lock, and whether it is here."""
    table = Table("name", "role", "licence", "size", "state")
    for model in installed(home=load_settings().home):
        size = f"{model.size_bytes / 1e6:,.0f} MB"
        table.add_row(model.name, model.role, model.licence, size, model.state.value)
    Console().print(table)


def pull_models(names: Names = None) -> None:
    """Fetch models, checked against models.lock; what is here already is left alone."""
    fetch(names or NEEDED)
    Console().print("All models are in place.")


def verify_models(names: Names = None) -> None:
    """Read every byte again and compare with models.lock."""
    findings = verify(names or NEEDED, home=load_settings().home)
    bad = [finding for finding in findings if finding.state is not FileState.OK]
    for finding in findings:
        Console(highlight=False).print(str(finding), markup=False, soft_wrap=True)
    if bad:
        raise ModelError(f"{len(bad)} of {len(findings)} files are not as models.lock says.")


def fetch(names: list[str] | tuple[str, ...]) -> None:
    """Pull with a progress bar on stderr."""
    settings = load_settings()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        pull(names, home=settings.home, directory=settings.models_dir, progress=progress)
