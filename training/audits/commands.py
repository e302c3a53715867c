"""`kefu audit fairness|compliance|verify`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from training.audits.errors import AuditNotConnected, ReportUnreadable
from training.audits.records import Period

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from training.audits.metrics import Limits
    from training.audits.sources import AuditSources, Kind

DEFAULT_DAYS = 30
_DAY = ["%Y-%m-%d"]


class _Language(StrEnum):
    EN = "en"
    ZH = "zh"


def _not_connected() -> AuditSources:
    raise AuditNotConnected


def register(app: typer.Typer, *, connect: Callable[[], AuditSources] = _not_connected) -> None:
    """`connect` gives the sources of this installation; it is called when a command runs."""
    audit = typer.Typer(no_args_is_help=True, help="Write signed reports for an auditor.")
    audit.command("fairness", help="Outcomes by group, and the same question asked differently.")(
        _writes("fairness", connect)
    )
    audit.command("compliance", help="The same, with the evidence on privacy.")(
        _writes("compliance", connect)
    )
    audit.command("verify")(verify)
    app.add_typer(audit, name="audit")


def _writes(kind: Kind, connect: Callable[[], AuditSources]) -> Callable[..., None]:
    def command(
        out: Annotated[Path, typer.Option(help="Folder for the report; an older one is replaced.")],
        since: Annotated[
            datetime | None, typer.Option(formats=_DAY, help="First day, UTC (default: 30 days).")
        ] = None,
        until: Annotated[
            datetime | None, typer.Option(formats=_DAY, help="Day after the last one, UTC.")
        ] = None,
        smallest_group: Annotated[
            int, typer.Option(min=5, help="Smaller groups are not shown.")
        ] = 30,
        practical_gap: Annotated[
            float, typer.Option(min=0.0, max=1.0, help="Smaller differences are never flagged.")
        ] = 0.10,
        language: Annotated[
            _Language, typer.Option(help="Of what is printed here.")
        ] = _Language.EN,
    ) -> None:
        from training.audits.metrics import Limits

        limits = Limits(smallest_group=smallest_group, practical_gap=practical_gap)
        sources = connect()
        period = _period(since, until, now=sources.now())
        _write(sources, kind, out, period, limits, language.value)

    return command


def _write(
    sources: AuditSources, kind: Kind, out: Path, period: Period, limits: Limits, language: str
) -> None:
    from training.audits.report import write_report
    from training.audits.sentences import say_unmet, summarise
    from training.audits.sources import make_audit
    from training.audits.wording import load_wording
    from training.progress import RichWatch

    console = Console(stderr=True)
    with RichWatch(console) as watch:
        audit = make_audit(sources, kind, period=period, limits=limits, watch=watch)
        watch.stage("Writing the report", 1)
        conclusions = write_report(audit, out, key=sources.signing_key())
        watch.advance()
    wording = load_wording(language, attributes=audit.attributes)
    plain = {"markup": False, "highlight": False, "soft_wrap": True}
    console.print(summarise(audit, conclusions, wording), **plain)  # type: ignore[arg-type]
    console.print(f"\n{wording.say('headings', 'unmet')}:", style="bold")
    for sentence in say_unmet(conclusions, wording):
        console.print(f"- {sentence}", **plain)  # type: ignore[arg-type]
    console.print(f"\n{out / f'report.{language}.html'}", **plain)  # type: ignore[arg-type]


def verify(
    folder: Annotated[Path, typer.Argument(help="Folder written by `kefu audit …`.")],
    public_key: Annotated[Path, typer.Option(help="PEM file, received by another way.")],
) -> None:
    """Check that a report is what was signed."""
    from training.audits.signing import verify_report

    report = verify_report(folder, _read_key(public_key))
    Console(stderr=True).print(
        f"Genuine: {len(report.files)} files, signed {report.signed_at}.", highlight=False
    )


def _read_key(path: Path) -> Ed25519PublicKey:
    from privacy.errors import SignatureMissing
    from privacy.signing import read_public_key

    try:
        return read_public_key(path.read_bytes())
    except SignatureMissing as error:
        raise ReportUnreadable(path, error.reason) from None


def _period(since: datetime | None, until: datetime | None, *, now: datetime) -> Period:
    """Whole days in UTC; without `until`, today is the last one."""
    tomorrow = datetime.combine(now.astimezone(UTC).date(), time(), UTC) + timedelta(days=1)
    end = until.replace(tzinfo=UTC) if until is not None else tomorrow
    start = since.replace(tzinfo=UTC) if since is not None else end - timedelta(days=DEFAULT_DAYS)
    if start >= end:
        raise typer.BadParameter(f"--since {start:%Y-%m-%d} is not before --until {end:%Y-%m-%d}.")
    return Period(start, end)
