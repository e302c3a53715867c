"""`kefu audit` on the log of this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from chatbot.settings import load_settings
from training.audits.commands import register as register_commands

if TYPE_CHECKING:
    from training.audits.sources import AuditSources


def register(app: typer.Typer) -> None:
    """Called by the product's command line for the entry point `kefu.commands`."""
    register_commands(app, connect=_connect)


def _connect() -> AuditSources:
    # Statistics libraries take seconds to import: no other command should wait for them.
    from training.audits.log import connect_sources

    return connect_sources(load_settings())
