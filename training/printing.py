"""What `kefu train`, `evaluate`, `compare` and `explain` print."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chatbot.errors import ExtraMissing
from training.corpus import Finding, Problem
from training.retrain_tables import Tongue

_FINDINGS_SHOWN = 5

LanguageOption = Annotated[
    Tongue, typer.Option("--language", help="Of what is written and printed: en or zh (中文).")
]


def check_extra(what: str) -> None:
    """Raises ExtraMissing before hours of work end in a picture that cannot be drawn."""
    if any(find_spec(library) is None for library in ("matplotlib", "jinja2")):
        raise ExtraMissing(what, "train")


def say(console: Console, sentence: str) -> None:
    """As it is: names and paths hold no markup."""
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def show_findings(console: Console, path: Path, findings: tuple[Finding, ...]) -> None:
    counts = Counter(finding.problem for finding in findings)
    for problem in Problem:
        if not counts[problem]:
            continue
        lines = [finding for finding in findings if finding.problem is problem]
        shown = "; ".join(
            f"line {finding.line}" + (f" ({finding.detail})" if finding.detail else "")
            for finding in lines[:_FINDINGS_SHOWN]
        )
        more = " …" if len(lines) > _FINDINGS_SHOWN else ""
        console.print(
            f"{path.name}: {problem.value}, {counts[problem]:,} times: {shown}{more}",
            style="yellow",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def figures_table(title: str, figures: dict[str, object]) -> Table:
    table = Table("", "value", title=title, title_justify="left")
    for name, value in figures.items():
        if isinstance(value, int | float):
            table.add_row(name.replace("_", " "), number(value))
    languages = figures.get("per_language")
    for language, row in (languages if isinstance(languages, dict) else {}).items():
        for name in ("n", "accuracy", "oos_auroc"):
            if row[name] is not None:
                table.add_row(f"{language}: {name.replace('_', ' ')}", number(row[name]))
    return table


def number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
