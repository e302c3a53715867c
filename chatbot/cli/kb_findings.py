"""Personal data in articles, as the command line tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from chatbot.article_check import Finding, check_articles
from knowledge_base.passages import Document

_ROWS = 50


def show_findings(findings: Sequence[Finding], *, remedy: str) -> None:
    """On stderr: types, numbers and places, and what can be done. Nothing without findings."""
    if not findings:
        return
    console = Console(stderr=True)
    table = Table("document", "field", "personal data", title="Personal data in articles")
    for finding in findings[:_ROWS]:
        counts = ", ".join(f"{kind} {count}" for kind, count in finding.counts.items())
        table.add_row(Text(finding.document_id), finding.field, counts)
    console.print(table)
    if len(findings) > _ROWS:
        console.print(f"and {len(findings) - _ROWS:,} places more.", highlight=False)
    articles = len({finding.document_id for finding in findings})
    said = f"Personal data was found in {articles:,} of the articles. {remedy}"
    console.print(said, markup=False, highlight=False, soft_wrap=True)


def checked(documents: Sequence[Document]) -> list[Finding]:
    """With a bar on stderr."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("looking for personal data", total=len(documents))
        return check_articles(
            documents, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )


@contextmanager
def busy(what: str) -> Iterator[None]:
    """A bar for work that does not tell how much there is."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        bar.add_task(what, total=None)
        yield
