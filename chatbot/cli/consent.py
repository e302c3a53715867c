"""`kefu consent`: what a customer agreed to."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chatbot.cli.operator import CustomerOption, open_desk
from chatbot.clock import SystemClock
from chatbot.privacy_desk import record_consents
from chatbot.templates import DISCLOSURE_VERSION
from privacy.consent import Scope


def register(app: typer.Typer) -> None:
    consent = typer.Typer(no_args_is_help=True, help="What customers agreed to.")
    consent.command("show")(show)
    consent.command("record")(record)
    app.add_typer(consent, name="consent")


def show(customer: CustomerOption) -> None:
    """Every statement, oldest first; the last one on a scope holds."""
    table = Table("time (UTC)", "scope", "", "wording", "language")
    for one in open_desk().consents.history(customer):
        said = "agreed" if one.granted else "refused"
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M:%S}", one.scope.value, said, one.wording_version, one.language
        )
    Console().print(table)


def record(
    customer: CustomerOption,
    scope: Annotated[Scope, typer.Option(help="What the statement is about.")],
    agreed: Annotated[bool, typer.Option("--agreed/--refused", help="Refused: or withdrawn.")],
    language: Annotated[str, typer.Option(help="In which the customer was asked.")] = "en",
) -> None:
    """Write down what a customer said elsewhere, on the phone or in a letter."""
    desk = open_desk()
    record_consents(
        desk.consents,
        {scope: agreed},
        attributes=desk.attributes,
        customer=customer,
        at=SystemClock().now(),
        wording_version=DISCLOSURE_VERSION,
        language=language,
    )
    Console().print("Recorded.")
