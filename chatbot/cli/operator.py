"""Whoever sits at the command line, as the ledger knows them."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from chatbot.privacy_desk import Actor, PrivacyDesk
from chatbot.settings import load_settings


def _storable(text: str) -> str:
    """Bytes that are not UTF-8 come as halves of surrogate pairs, which no row holds."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("it is not UTF-8: check the terminal's encoding") from None
    return text


CustomerOption = Annotated[
    str,
    typer.Option(
        "--customer",
        help="The host page's reference, or a conversation's id.",
        callback=_storable,
    ),
]
PurposeOption = Annotated[
    str,
    typer.Option("--purpose", help="Why; it is written to the audit ledger.", callback=_storable),
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
