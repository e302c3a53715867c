"""`kefu consent`: what a customer agreed to."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chatbot.cli.jobs import Tongue
from chatbot.cli.operator import CustomerOption, PurposeOption, open_desk, operator
from chatbot.clock import SystemClock
from chatbot.conversation import Language
from chatbot.errors import InputInvalid
from chatbot.privacy_desk import consent_history, record_consents
from chatbot.settings import load_settings
from chatbot.templates import DISCLOSURE_VERSION, load_wording
from privacy.consent import Scope


def register(app: typer.Typer) -> None:
    consent = typer.Typer(no_args_is_help=True, help="What customers agreed to.")
    consent.command("show")(show)
    consent.command("record")(record)
    consent.command("words")(words)
    app.add_typer(consent, name="consent")


def show(
    customer: CustomerOption,
    purpose: PurposeOption = "looking up what the customer agreed to",
) -> None:
    """Every statement, oldest first; the last one on a scope holds."""
    history = consent_history(open_desk(), operator(), customer=customer, purpose=purpose)
    table = Table("time (UTC)", "scope", "", "wording", "language")
    for one in history:
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


def words(
    version: Annotated[str, typer.Argument(help="As `kefu consent show` names it: consent-1")],
    language: Annotated[Tongue, typer.Option(help="en or zh.")] = Tongue.EN,
) -> None:
    """The words that a customer read under a version, also one that is no longer in use."""
    settings = load_settings()
    companies = {"en": settings.company_name_en, "zh": settings.company_name_zh}
    wording = load_wording(version, companies=companies)
    if wording is None:
        raise InputInvalid(
            f"No words of Kefu have the version {version!r}: the host page, which numbers its own, "
            "may have them."
        )
    spoken = Language.EN if language is Tongue.EN else Language.ZH_HANS
    for name in wording.texts:
        said = wording.render(name, spoken)
        Console().print(f"{name}: {said}", markup=False, highlight=False, soft_wrap=True)
