"""`kefu ledger`: who opened, exported or erased what, and whether the record still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatbot.cli.jobs import Tongue
from chatbot.cli.operator import open_desk
from privacy.ledger import Head
from privacy.ledger_words import explain


def register(app: typer.Typer) -> None:
    ledger = typer.Typer(no_args_is_help=True, help="The hash-chained audit ledger.")
    ledger.command("verify")(verify)
    ledger.command("head")(head)
    ledger.command("list")(list_entries)
    app.add_typer(ledger, name="ledger")


def verify(
    against: Annotated[
        Path | None, typer.Option("--head", help="A head exported earlier; shows a cut tail.")
    ] = None,
    language: Annotated[Tongue, typer.Option(help="en or zh.")] = Tongue.EN,
) -> None:
    """Check every entry; exit code 1 when one was changed, removed or moved."""
    # What is no text is no head either: the parser says so.
    known = (
        Head.parse(against.read_text(encoding="utf-8", errors="replace"))
        if against is not None
        else None
    )
    verdict = open_desk().ledger.verify(head=known)
    for sentence in explain(verdict, language):
        Console().print(sentence, markup=False, highlight=False, soft_wrap=True)
    if not verdict.intact:
        raise typer.Exit(1)


def head(
    output: Annotated[Path | None, typer.Option(help="File; standard output if not given.")] = None,
) -> None:
    """The chain's end, to be kept where nobody here can rewrite it."""
    exported = open_desk().ledger.head().export()
    if output is None:
        typer.echo(exported)
        return
    output.write_text(exported + "\n", encoding="utf-8")
    Console(stderr=True).print(f"Written to {output}: keep it on another machine.")


def list_entries(
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    action: Annotated[
        str | None, typer.Option(help="read, unseal, export, erase, purge, …")
    ] = None,
) -> None:
    """Entries, oldest first."""
    entries = open_desk().ledger.entries()
    table = Table("no.", "time (UTC)", "who", "role")
    for name in ("action", "about", "purpose"):
        table.add_column(name, overflow="fold")
    for entry in [one for one in entries if action in (None, one.action)][-limit:]:
        at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        cells = (at, entry.actor, entry.role, entry.action, entry.subject, entry.purpose)
        table.add_row(str(entry.sequence), *map(Text, cells))
    Console().print(table)
