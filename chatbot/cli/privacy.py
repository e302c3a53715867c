"""`kefu privacy`: find personal data, hand it out, erase it, let it expire, mask it again."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID, track
from rich.table import Table

from chatbot.certificate import say_verdict
from chatbot.cli.jobs import Tongue
from chatbot.cli.operator import CustomerOption, PurposeOption, open_desk, operator
from chatbot.clock import SystemClock
from chatbot.customer_export import export_customer
from chatbot.export_page import render_export
from chatbot.key_home import open_key_ring
from chatbot.pii_file import MarkedText, read_marked, write_marked
from chatbot.privacy_desk import anonymise_stored, erase_customer, purge_expired
from chatbot.redact_file import Style, redact_file
from chatbot.settings import load_settings
from privacy.errors import SignatureMissing
from privacy.pseudonyms import kept_secret
from privacy.redaction import detect
from privacy.signing import read_public_key, signing_key

LanguageOption = Annotated[Tongue, typer.Option(help="en or zh.")]
OutputOption = Annotated[Path | None, typer.Option(help="JSON file; standard output if not given.")]


class Format(StrEnum):
    JSON = "json"
    HTML = "html"


def register(app: typer.Typer) -> None:
    privacy = typer.Typer(
        no_args_is_help=True, help="Personal data: find, hand out, erase, expire, mask again."
    )
    privacy.command("detect")(detect_file)
    privacy.command("redact")(redact_texts)
    privacy.command("export")(export)
    privacy.command("erase")(erase)
    privacy.command("verify")(verify)
    privacy.command("purge")(purge)
    privacy.command("anonymise")(anonymise)
    app.add_typer(privacy, name="privacy")


def detect_file(
    input_: Annotated[Path, typer.Option("--input", help='JSONL {"id","text"}.')],
    output: Annotated[
        Path,
        typer.Option(
            help='JSONL {"id","text","spans":[{"start","end","type",'
            '"recognizer","score","reason"}]}.'
        ),
    ],
    mask: Annotated[
        bool, typer.Option("--mask", help='Add "mask" to each span: what an agent would see.')
    ] = False,
) -> None:
    """Mark personal data in a file of texts; offsets count code points."""
    rows = read_marked(input_)
    write_marked(output, _detected(rows), masks=mask)
    Console(stderr=True).print(f"{len(rows):,} texts read; the spans are in {output}.")


def _detected(rows: list[MarkedText]) -> Iterator[MarkedText]:
    for row in track(rows, "Detecting", console=Console(stderr=True), transient=True):
        yield MarkedText(row.id, row.text, tuple(detect(row.text, every_url=True)))


def redact_texts(
    input_: Annotated[Path, typer.Option("--input", help="JSONL, one object a line.")],
    output: Annotated[Path, typer.Option(help="The same rows with personal data replaced.")],
    style: Annotated[
        Style, typer.Option(help="<PHONE_NUMBER_1>, 138****8000, or another number of that shape.")
    ] = Style.PLACEHOLDER,
    field: Annotated[
        list[str] | None,
        typer.Option(help="What to replace in, a text or a list of texts; again for more. [text]"),
    ] = None,
) -> None:
    """Replace personal data in a file of texts; all other fields are kept as they are.

    Surrogates come from a key in KEFU_HOME: the same value gets the same one in every file.
    """
    secret = kept_secret(load_settings().surrogates_home) if style is Style.SURROGATE else None
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Redacting", total=None)
        done = redact_file(
            input_,
            output,
            fields=tuple(field or ["text"]),
            style=style,
            secret=secret,
            progress=lambda read, size: bars.update(task, completed=read, total=size),
        )
    Console(stderr=True).print(
        f"{done.rows:,} rows read, {done.found:,} values replaced; the rows are in {output}."
    )


def export(
    customer: CustomerOption,
    output: Annotated[Path | None, typer.Option(help="File; standard output if not given.")] = None,
    purpose: PurposeOption = "the customer asked for a copy",
    format_: Annotated[Format, typer.Option("--format", help="html: a page to read.")] = (
        Format.JSON
    ),
    language: Annotated[Tongue, typer.Option(help="Of the page: en or zh.")] = Tongue.EN,
) -> None:
    """Everything that is kept about a customer, originals included."""
    desk = open_desk()
    exported = export_customer(desk, operator(), customer=customer, purpose=purpose)
    if format_ is Format.HTML:
        _write(render_export(exported, language), output)
    else:
        _write(_as_json(exported), output)


def erase(
    customer: CustomerOption,
    output: OutputOption = None,
    purpose: PurposeOption = "the customer asked for erasure",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Destroy a customer's key and words for good; the signed certificate comes out as JSON."""
    if sys.stdin.isatty() and not yes:
        typer.confirm("This cannot be undone. Erase this customer?", abort=True, err=True)
    desk = open_desk()
    _write(_as_json(erase_customer(desk, operator(), customer=customer, purpose=purpose)), output)


def verify(
    certificate: Annotated[Path, typer.Argument(help="JSON file that `privacy erase` wrote.")],
    public_key: Annotated[
        Path | None,
        typer.Option(help="PEM file of `kefu keys public`; this installation's if not given."),
    ] = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Say whether a certificate of erasure is what was signed; exit code 1 where it is not."""
    key = (
        signing_key(open_key_ring(load_settings())).public_key()
        if public_key is None
        else read_public_key(public_key.read_bytes())
    )
    holds, sentence = say_verdict(_read_certificate(certificate), key, language)
    Console().print(sentence, markup=False, highlight=False, soft_wrap=True)
    if not holds:
        raise typer.Exit(1)


def _read_certificate(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SignatureMissing("the file is no JSON object")
    return found


def purge() -> None:
    """Delete what is older than the retention settings allow."""
    settings = load_settings()
    desk = open_desk()
    now = SystemClock().now()
    counts = purge_expired(desk, settings.retention, actor=operator(), now=now)
    table = Table("deleted", "number")
    for name, count in counts.items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    Console().print(table)


def anonymise(
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many messages.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Every message, as after kefu train names.")
    ] = False,
) -> None:
    """Mask stored conversations again that other rules, or other types in KEFU_PII_TYPES, masked.

    Interrupted, it goes on where it was: call it without --again then.
    """
    desk = open_desk()
    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total)

        done = anonymise_stored(desk, actor=operator(), limit=limit, again=again, progress=show)
    Console().print(f"{done.checked:,} messages masked again, {done.changed:,} texts changed.")


def _as_json(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    # A customer's words in the clear: for the operator's eyes only.
    handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    Console(stderr=True).print(f"Written to {output}.")
