"""`kefu evaluate retrieval` and `kefu evaluate runs`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from knowledge_base.search import Channel
from training.printing import LanguageOption, say
from training.retrain_tables import Tongue

if TYPE_CHECKING:
    from training.audits.wording import Wording
    from training.evaluation.retrieval.measurement import Measurement

_COLUMNS = ("query", "expected", "first", "score", "rank", "language", "collection", "line")


def evaluate_retrieval(
    queries: Annotated[Path, typer.Option(help="CSV query,expected_id[,language,collection].")],
    kb: Annotated[
        Path | None,
        typer.Option(help="File or folder of knowledge; without it, what is being served."),
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(help="Whose knowledge is asked, where the queries do not say."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Where the JSON report goes.")] = None,
    errors: Annotated[
        Path | None, typer.Option(help="Where the queries that went wrong go, as CSV.")
    ] = None,
    channel: Annotated[
        list[Channel] | None,
        typer.Option(help="All that is known, or a part of it alone; may be given several times."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A kept run, or last: is this one better?")
    ] = None,
    masked: Annotated[
        bool | None,
        typer.Option(
            "--masked/--as-written",
            help="Mask personal data in the queries first, as a conversation does; without a "
            "word only where no --kb is given.",
        ),
    ] = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Measure the search: recall, MRR, nDCG, what passes the threshold, latency.

    Several right ids stand with | between them; a query that nothing answers has none. Figures
    are kept below KEFU_HOME and listed by `kefu evaluate runs`; queries are not.
    """
    # FAISS and the encoder take seconds to import: only the command that needs them waits.
    from training.evaluation.retrieval.measurement import MeasurementOrder, measure_retrieval
    from training.evaluation.sentences import evaluation_wording
    from training.progress import RichWatch

    if kb is not None and collection is not None:
        raise typer.BadParameter("Give --kb or --collection, not both.")
    console, wording = Console(stderr=True), evaluation_wording(language.value)
    order = MeasurementOrder(
        queries=queries,
        knowledge=kb,
        collection=collection,
        channels=tuple(dict.fromkeys(channel or [Channel.ALL])),
        against=against,
        masked=masked if masked is not None else kb is None,
    )
    with RichWatch(console) as watch:
        done = measure_retrieval(order, wording.tables["retrieval_stages"], watch=watch)
    _show(console, done, wording)
    if report is not None:
        say(console, write_report(_place(report), done, wording))
    if errors is not None:
        say(console, write_errors(_place(errors), done, wording))


def list_runs(language: LanguageOption = Tongue.EN) -> None:
    """The kept measurements of retrieval."""
    from chatbot.settings import load_settings
    from training.evaluation.retrieval.runs import kept_runs
    from training.evaluation.retrieval.tables import runs_table
    from training.evaluation.sentences import evaluation_wording

    wording = evaluation_wording(language.value)
    runs = kept_runs(load_settings().home)
    if runs:
        Console().print(runs_table(runs, wording))
    else:
        say(Console(), wording.say("retrieval", "empty"))


def write_report(path: Path, done: Measurement, wording: Wording) -> str:
    text = json.dumps(done.report(), ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", "utf-8")
    return wording.say("done", "report", path=path)


def write_errors(path: Path, done: Measurement, wording: Wording) -> str:
    from knowledge_base.storage import write_atomically
    from training.spreadsheet import guarded

    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in done.failures:
        cells: Mapping[str, object] = row | {"expected": "|".join(row["expected"])}
        texts = [cells[name] if cells[name] is not None else "" for name in _COLUMNS]
        writer.writerow([guarded(x) if isinstance(x, str) else x for x in texts])
    # With a byte order mark, or Excel reads Chinese as something else.
    write_atomically(path, ("\ufeff" + stream.getvalue()).encode())
    count = f"{len(done.failures):,}"
    return wording.say("retrieval_done", "errors", count=count, path=path)


def _show(console: Console, done: Measurement, wording: Wording) -> None:
    from training.evaluation.retrieval import tables

    run = done.run
    title = wording.say(
        "retrieval",
        "title",
        queries=run.queries,
        knowledge=run.knowledge,
        n=f"{done.figures['n']:,}",
    )
    figures = {name: ranking.figures for name, ranking in run.channels.items()}
    console.print(tables.channels_table(title, figures, wording))
    for key, groups in (("languages", done.languages), ("collections", done.collections)):
        if len(groups) > 1:
            console.print(tables.groups_table(wording.say("retrieval", key), groups, wording))
    if done.failures:
        console.print(tables.failures_table(done.failures, wording))
    if done.figures["threshold"] is not None:
        shown = f"{done.figures['threshold']:g}"
        say(console, wording.say("retrieval_done", "threshold", threshold=shown))
    if done.masked:
        say(console, wording.say("retrieval_done", "masked", count=f"{done.masked:,}"))
    if done.comparison is not None:
        for sentence in tables.say_comparison(done.comparison, wording):
            say(console, sentence)
    say(console, wording.say("retrieval_done", "kept", run=run.name))


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
