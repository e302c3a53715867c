"""`kefu kb gaps`: what customers ask and no article answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from rich.text import Text

from chatbot.cli.jobs import LanguageOption, Tongue
from chatbot.cli.options import CollectionOption
from chatbot.settings import load_settings
from knowledge_base.storage import write_atomically

if TYPE_CHECKING:
    from chatbot.gaps import Gap

DAYS = 30
_COLUMNS = (
    *("id", "question", "answer", "language", "variants"),
    *("count", "languages", "last_seen", "nearest", "nearest_score"),
)
_WORDS = {
    "comparing": ("comparing questions", "正在比较问题"),
    "none": ("No question has been left without an answer since {day}.",
             "自 {day} 以来，所有问题都已得到回答。"),
    "written": ("{path}: write the answers, then `kefu kb import` the file.",
                "{path}：填写答案后，用 `kefu kb import` 导入该文件。"),
    "asked": ("asked", "提问次数"),
    "question": ("question", "问题"),
    "last": ("last", "最近提问"),
    "nearest": ("nearest article", "最接近的文章"),
    "score": ("score", "得分"),
}  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def list_gaps(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day looked at; 30 days back if not given."),
    ] = None,
    collection: CollectionOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Groups, most asked first.")] = 20,
    out: Annotated[
        Path | None,
        typer.Option(help="CSV in which only the answers are missing, for `kefu kb import`."),
    ] = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Questions of the log without an answer, those that mean the same together.

    Refused ones, those handed over after failing again, and answers with a thumb down. Redacted
    text alone is read, and none of customers who object to being learned from.
    """
    from chatbot.bootstrap import build
    from chatbot.gap_search import search_gaps

    settings = load_settings()
    begin = since.replace(tzinfo=UTC) if since else datetime.now(UTC) - timedelta(days=DAYS)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_say("comparing", language), total=None)
        gaps = search_gaps(
            build(settings),
            collection or settings.collection,
            since=begin,
            limit=limit,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console = Console()
    if gaps:
        console.print(_table(gaps, language))
    else:
        _print(console, _say("none", language, day=f"{begin:%Y-%m-%d}"))
    if out is not None:
        write_gaps(out, gaps)
        _print(console, _say("written", language, path=out))


def write_gaps(path: Path, gaps: Sequence[Gap]) -> None:
    """A question that a spreadsheet would take for a formula gets an apostrophe in front."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for gap in gaps:
        near = gap.nearest
        writer.writerow(
            (
                gap.slug,
                _guarded(gap.title),
                "",
                gap.language,
                _guarded(" | ".join(gap.examples)),
                gap.count,
                _split(gap),
                f"{gap.last_seen:%Y-%m-%d}",
                near.passage.document_id if near else "",
                f"{near.score:.3f}" if near else "",
            )
        )
    # With a byte order mark, or Excel reads Chinese as something else.
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, ("\ufeff" + stream.getvalue()).encode())


def _table(gaps: Sequence[Gap], language: Tongue) -> Table:
    table = Table(
        Column(_say("asked", language), justify="right"),
        Column(_say("question", language), ratio=3, overflow="fold"),
        Column(_say("last", language), no_wrap=True),
        Column(_say("nearest", language), ratio=1, overflow="fold"),
        Column(_say("score", language), justify="right", no_wrap=True),
        expand=True,
    )
    for gap in gaps:
        near = gap.nearest
        words = "\n".join((gap.title, *(f"  {example}" for example in gap.examples)))
        cells = (
            f"{gap.count}\n{_split(gap)}",
            words,
            f"{gap.last_seen:%Y-%m-%d}",
            near.passage.document_id if near else "–",
            f"{near.score:.3f}" if near else "–",
        )
        table.add_row(*map(Text, cells))
    return table


def _split(gap: Gap) -> str:
    return " ".join(f"{language}:{count}" for language, count in gap.languages.items())


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _say(word: str, language: Tongue, **blanks: object) -> str:
    return _WORDS[word][language is Tongue.ZH].format(**blanks)


def _print(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)
