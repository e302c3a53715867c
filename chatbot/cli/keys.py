"""`kefu keys`: the master key and how many data keys it wraps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chatbot.cli.operator import open_desk, operator
from chatbot.key_home import open_key_ring
from chatbot.privacy_desk import PrivacyDesk, write
from chatbot.reseal import reseal_stored
from chatbot.seal_files import convert, convertible
from chatbot.settings import load_settings
from chatbot.vault_home import open_vault
from privacy.signing import public_pem, signing_key


def register(app: typer.Typer) -> None:
    keys = typer.Typer(no_args_is_help=True, help="The keys that customers' originals need.")
    keys.command("status")(status)
    keys.command("rotate")(rotate)
    keys.command("seal-files")(seal_files)
    keys.command("public")(public)
    app.add_typer(keys, name="keys")


def status() -> None:
    """Counts and dates; nothing secret."""
    found = open_key_ring(load_settings()).status()
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
    if found.former:
        Console().print(
            f"{found.former:,} former keys open what is not sealed anew yet: "
            "`kefu keys rotate --reseal` ends that."
        )
    Console().print(
        "The master keys lie in the key folder itself: set KEFU_MASTER_KEY or "
        "KEFU_MASTER_KEY_COMMAND to keep them elsewhere."
        if found.kept_by is None
        else f"The master keys are wrapped by {found.kept_by}.",
        markup=False,
    )


def rotate(
    reseal: Annotated[
        bool,
        typer.Option(
            "--reseal",
            help="Then give every customer a fresh data key and seal everything anew; interrupted, "
            "it goes on where it was. Copies of the database made before cannot be opened then.",
        ),
    ] = False,
) -> None:
    """Wrap every data key by a new master key; nothing needs sealing anew."""
    desk = open_desk()
    _rotate(desk)
    if reseal:
        _reseal(desk)


def _rotate(desk: PrivacyDesk) -> None:
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Wrapping keys", total=None)
        master = desk.keys.rotate(
            progress=lambda done, total: bars.update(task, completed=done, total=total)
        )
    write(desk, operator(), "rotate_keys", subject=f"master:{master}", purpose="key rotation")
    Console().print(f"The master key is {master} now; the former one was destroyed.")


def _reseal(desk: PrivacyDesk) -> None:
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Sealing anew", total=None)
        done = reseal_stored(
            desk,
            actor=operator(),
            progress=lambda stage, done, total: bars.update(
                task, description=stage, completed=done, total=total
            ),
        )
    Console().print(
        f"{done.values:,} values were sealed anew; {done.customers:,} customers' former keys "
        "were destroyed."
    )
    if done.unreadable:
        Console().print(
            f"{done.unreadable:,} values do not open, so their keys were kept: restore them from "
            "a backup, then run it again."
        )


def seal_files(
    opening: Annotated[
        bool, typer.Option("--open", help="Undo it: let everything lie in plain again.")
    ] = False,
) -> None:
    """Seal the knowledge, its indexes and the intent models that lie here in plain.

    Interrupted at any moment, everything still loads, and the same command goes on.
    """
    settings = load_settings()
    vault = open_vault(settings)
    vault.sweep()
    found = convertible(settings, opening=opening)
    with Progress(
        *Progress.get_default_columns(), console=Console(stderr=True), transient=True
    ) as bars:
        task = bars.add_task("", total=sum(one.bytes for one in found))
        count = convert(
            *(vault, found),
            opening=opening,
            progress=lambda name, done: bars.update(task, description=name, advance=done),
        )
    if found:
        action = "open_files" if opening else "seal_files"
        write(open_desk(), operator(), action, subject=f"files:{count}", purpose="sealing at rest")
    now = "in plain" if opening else "sealed"
    Console().print(f"{count:,} versions and collections were converted; all lie {now} now.")
    if settings.seal_files is opening:
        wanted = "false" if opening else "true"
        Console().print(f"Set KEFU_SEAL_FILES={wanted}, or newer versions will lie differently.")


def public(
    output: Annotated[Path | None, typer.Option(help="PEM file; standard output if not given.")] = (
        None
    ),
) -> None:
    """The key with which others verify certificates of erasure and audit reports."""
    pem = public_pem(signing_key(open_key_ring(load_settings())).public_key()).decode()
    if output is None:
        typer.echo(pem, nl=False)
        return
    output.write_text(pem, encoding="utf-8")
    Console(stderr=True).print(f"Written to {output}: hand it over apart from what it verifies.")
