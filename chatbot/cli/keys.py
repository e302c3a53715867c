"""`kefu keys`: the master key and how many data keys it wraps."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chatbot.cli.operator import open_desk, operator
from chatbot.privacy_desk import write
from chatbot.settings import load_settings
from privacy.keyring_file import FileKeyRing


def register(app: typer.Typer) -> None:
    keys = typer.Typer(no_args_is_help=True, help="The keys that customers' originals need.")
    keys.command("status")(status)
    keys.command("rotate")(rotate)
    app.add_typer(keys, name="keys")


def status() -> None:
    """Counts and dates; nothing secret."""
    found = FileKeyRing(load_settings().keys_home).status()
    table = Table("master key", "since", "data keys", "")
    for master in found.masters:
        since = master.created_at.date().isoformat()
        table.add_row(
            master.id, since, f"{master.keys:,}", "current" if master.current else "former"
        )
    Console().print(table)
    oldest = f", the oldest from {found.oldest_key_at:%Y-%m-%d}" if found.oldest_key_at else ""
    Console().print(
        f"{found.keys:,} customers have a key{oldest}; {found.destroyed:,} keys were destroyed."
    )


def rotate() -> None:
    """Wrap every data key by a new master key; nothing needs sealing anew."""
    desk = open_desk()
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Wrapping keys", total=None)
        master = desk.keys.rotate(
            progress=lambda done, total: bars.update(task, completed=done, total=total)
        )
    write(desk, operator(), "rotate_keys", subject=f"master:{master}", purpose="key rotation")
    Console().print(f"The master key is {master} now; the former one was destroyed.")
