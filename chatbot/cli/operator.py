"""Whoever sits at the command line, as the ledger knows them."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from chatbot.privacy_desk import Actor, PrivacyDesk
from chatbot.settings import load_settings

CustomerOption = Annotated[
    str, typer.Option("--customer", help="The host page's reference, or a conversation's id.")
]
PurposeOption = Annotated[
    str, typer.Option("--purpose", help="Why; it is written to the audit ledger.")
]


def operator() -> Actor:
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "unknown"
    return Actor(f"cli:{account}"[:128], "operator")


def open_desk() -> PrivacyDesk:
    # The database's libraries take half a second to import: no other command should wait for them.
    from chatbot.privacy_home import open_privacy_desk

    return open_privacy_desk(load_settings())
