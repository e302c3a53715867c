"""`kefu simulate`: honest traffic for a server, from scripted customers and agents."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from chatbot.errors import InputInvalid

if TYPE_CHECKING:
    from chatbot.simulate.agent import Credentials
    from chatbot.simulate.tally import Tally


def register(app: typer.Typer) -> None:
    app.command("simulate")(simulate)


def simulate(
    url: Annotated[str, typer.Option(help="Of the server.")] = "http://127.0.0.1:8000",
    conversations: Annotated[int, typer.Option(min=1, help="How many.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed says the same things.")] = 7,
    mix: Annotated[Path | None, typer.Option(help="TOML of shares and chances.")] = None,
    at_once: Annotated[int, typer.Option(min=1, max=256, help="Conversations at a time.")] = 8,
    first: Annotated[int, typer.Option(min=0, help="Number of the first conversation.")] = 0,
    questions: Annotated[
        Path | None, typer.Option(help="CSV text,intent,language of extra questions.")
    ] = None,
    extra: Annotated[
        float, typer.Option(min=0, max=0.95, help="Share of conversations with such a question.")
    ] = 0.0,
    unfair: Annotated[
        str | None, typer.Option(help="en or zh: asks for a person three times as often.")
    ] = None,
    agent: Annotated[
        list[str] | None, typer.Option(help="E-mail of an agent who works; may be repeated.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="One line: the password of these agents.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="JSON to write.")] = None,
) -> None:
    """Send scripted conversations in English and Chinese to a server of the demo company.

    Exit code 1 when anything failed. The server must be there for tests: what is written to it
    looks like customers' conversations.
    """
    from chatbot.simulate.mix import DEFAULT_MIX, LANGUAGES, read_mix
    from chatbot.simulate.phrases import load_repertoire
    from chatbot.simulate.run import Order
    from chatbot.simulate.run import simulate as run

    if unfair is not None and unfair not in LANGUAGES:
        raise typer.BadParameter(f"{unfair!r} is not {' or '.join(LANGUAGES)}")
    if extra and questions is None:
        raise typer.BadParameter("--extra needs --questions")
    if bool(agent) != (password_file is not None):
        raise typer.BadParameter("give either both --agent and --password-file, or none")
    chosen = read_mix(mix or DEFAULT_MIX).unfair(unfair)
    order = Order(
        url=url,
        conversations=conversations,
        seed=seed,
        mix=chosen.with_extra(extra) if extra else chosen,
        repertoire=load_repertoire(questions),
        at_once=at_once,
        agents=_credentials(agent or [], password_file),
        first=first,
    )
    columns = (*Progress.get_default_columns()[:1], BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("conversations", total=conversations)
        tally = asyncio.run(run(order, advance=lambda: progress.advance(task)))
    if report is not None:
        tally.write(report)
    _show(tally)
    if tally.failures:
        raise InputInvalid(_complaint(tally))


def _credentials(emails: list[str], password_file: Path | None) -> tuple[Credentials, ...]:
    from chatbot.simulate.agent import Credentials

    if password_file is None:
        return ()
    password = password_file.read_text(encoding="utf-8").strip()
    return tuple(Credentials(email, password) for email in emails)


def _show(tally: Tally) -> None:
    languages = sorted({visit.script.language for visit in tally.visits})
    table = Table("outcome", *languages, "all")
    for name, count in tally.outcomes().most_common():
        by_language = [str(tally.outcomes(language)[name]) for language in languages]
        table.add_row(name, *by_language, str(count))
    console = Console()
    console.print(table)
    times = ", ".join(f"{name} {value:.0f} ms" for name, value in tally.latency().items())
    console.print(
        f"{len(tally.visits)} conversations in {tally.seconds:.0f} s; a message: {times}; "
        f"agents took {tally.agents.taken}; failures: {len(tally.failures)}.",
        highlight=False,
        soft_wrap=True,
    )


def _complaint(tally: Tally) -> str:
    failures = tally.failures
    first = failures[0]
    where = "" if first.number is None else f", in conversation {first.number}"
    return f"{len(failures)} steps failed; the first: {first.step}, {first.what}{where}."
