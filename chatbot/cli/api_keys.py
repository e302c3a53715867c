"""`kefu api-keys`: which other programs may ask for customers."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.store_api_keys import SqlApiKeys
from chatbot.api_keys import issue_key
from chatbot.clock import SystemClock
from chatbot.errors import NotFound
from chatbot.settings import load_settings

Name = Annotated[str, typer.Argument(help="What the key is for, such as mobile-app.")]


def register(app: typer.Typer) -> None:
    keys = typer.Typer(
        help="Keys of the OpenAI-compatible interface at /v1/chat/completions.",
        no_args_is_help=True,
    )
    keys.command("add")(add)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke)
    app.add_typer(keys, name="api-keys")


def add(
    name: Name,
    collection: Annotated[
        str | None, typer.Option(help="The only collection it may ask; all if left out.")
    ] = None,
) -> None:
    """Issue a key; it is shown this once, and only its hash is kept."""
    caller = issue_key(_keys(), SystemClock(), name=name, collection=collection)
    typer.echo(caller.secret)


def list_keys() -> None:
    """Every key that was issued, by name."""
    table = Table("name", "collection", "since", "state")
    for key in _keys().all():
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "active"
        table.add_row(key.name, key.collection or "all", f"{key.created_at:%Y-%m-%d}", state)
    Console().print(table)


def revoke(name: Name) -> None:
    """Let a key open nothing from now on; tokens it was given of conversations stay good."""
    if not _keys().revoke(name, at=SystemClock().now()):
        raise NotFound("key: `kefu api-keys list` shows all")
    typer.echo(f"{name} is revoked.")


def _keys() -> SqlApiKeys:
    engine = connect(load_settings().sqlalchemy_url)
    migrate(engine)
    return SqlApiKeys(engine)
