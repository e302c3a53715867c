"""Personal data in articles, as the command line tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from chatbot.article_check import Finding, check_articles
from chatbot.cli.jobs import Tongue
from knowledge_base.passages import Document

_ROWS = 50
_WORDS = {
    "looking": ("looking for personal data", "正在查找个人信息"),
    "heading": ("Personal data in articles", "文章中的个人信息"),
    "document": ("document", "文章"),
    "field": ("field", "字段"),
    "data": ("personal data", "个人信息"),
    "question": ("question", "问题"),
    "answer": ("answer", "答案"),
    "title": ("title", "标题"),
    "variants": ("variants", "其他问法"),
    "more": ("and {count:,} places more.", "另有 {count:,} 处。"),
    "found": ("Personal data was found in {count:,} of the articles. {remedy}",
              "{count:,} 篇文章中发现个人信息。{remedy}"),
}  # fmt: skip


def show_findings(findings: Sequence[Finding], language: Tongue, *, remedy: str) -> None:
    """On stderr: types, numbers and places, and what can be done. Nothing without findings.

    `remedy` is a sentence in that language.
    """
    if not findings:
        return
    console = Console(stderr=True)
    columns = (_say(column, language) for column in ("document", "field", "data"))
    table = Table(*columns, title=_say("heading", language))
    for finding in findings[:_ROWS]:
        counts = ", ".join(f"{kind} {count}" for kind, count in finding.counts.items())
        table.add_row(Text(finding.document_id), _say(finding.field, language), counts)
    console.print(table)
    if len(findings) > _ROWS:
        console.print(_say("more", language, count=len(findings) - _ROWS), highlight=False)
    articles = len({finding.document_id for finding in findings})
    said = _say("found", language, count=articles, remedy=remedy)
    console.print(said, markup=False, highlight=False, soft_wrap=True)


def looking(language: Tongue) -> str:
    """What a bar is called while articles are read."""
    return _say("looking", language)


def checked(documents: Sequence[Document], language: Tongue) -> list[Finding]:
    """With a bar on stderr."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(looking(language), total=len(documents))
        return check_articles(
            documents, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )


@contextmanager
def busy(what: str) -> Iterator[None]:
    """A bar for work that does not tell how much there is."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        bar.add_task(what, total=None)
        yield


def _say(word: str, language: Tongue, **blanks: object) -> str:
    return _WORDS[word][language is Tongue.ZH].format(**blanks)
