"""`kefu kb`: what the company knows.

The models' libraries take seconds to import, so only the commands that need them do.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID, TextColumn
from rich.table import Table

from chatbot.article_import import Holding, Imported, import_articles
from chatbot.cli.kb_findings import show_findings
from chatbot.cli.kb_gaps import list_gaps
from chatbot.cli.kb_life import register_life
from chatbot.cli.kb_search import search
from chatbot.cli.options import CollectionOption
from chatbot.clock import SystemClock
from chatbot.knowledge_home import build_knowledge, serving_version
from chatbot.settings import Settings, load_settings
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.collection import Collection, list_collections
from knowledge_base.embedding import Embedder
from knowledge_base.errors import IndexMissing
from knowledge_base.index_kind import IndexKind
from knowledge_base.validity import State


def register(app: typer.Typer) -> None:
    kb = typer.Typer(help="Import, index and search the company's knowledge.", no_args_is_help=True)
    kb.command("import")(import_files)
    kb.command("build")(build_index)
    kb.command("list")(list_knowledge)
    kb.command("search")(search)
    register_life(kb)
    kb.command("gaps")(list_gaps)
    app.add_typer(kb, name="kb")


def _collection(name: str | None) -> Collection:
    settings = load_settings()
    return collection_of(settings, name or settings.collection)


def import_files(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="CSV, XLSX, JSONL, Markdown, HTML, PDF, DOCX or TXT files, ZIP archives or "
            "folders of them, a saved site with its sitemap.xml, or exports of MaxKB and Dify."
        ),
    ],
    collection: CollectionOption = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="New and changed documents do not answer yet.")
    ] = False,
    hold_personal_data: Annotated[
        bool,
        typer.Option(
            "--hold-personal-data", help="As --draft, where personal data is found in them."
        ),
    ] = False,
) -> None:
    """Add documents to a collection; a document with a known id replaces the old one.

    Personal data in new and changed documents is reported: its type and place, never the value.

    Of each file either all documents are imported or none. Files that are encrypted, scanned,
    damaged, too large or harmful are refused with the reason, and the others are imported all the
    same; the exit code is then 1.
    """
    chosen = _collection(collection)
    hold = Holding.PERSONAL_DATA if hold_personal_data else Holding.NOTHING
    imported = _import_with_bar(chosen, paths, Holding.ALL if draft else hold)
    report = imported.report
    show_findings(imported.findings, remedy=_remedy(imported.drafts))
    problems = Console(stderr=True)
    for refused in report.refused:
        sentence = "".join(c if c.isprintable() else "?" for c in str(refused))
        problems.print(f"kefu: {sentence}", markup=False, highlight=False, soft_wrap=True)
    if report.files:
        Console().print(
            f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged"
            f" from {report.files} of {report.files + len(report.refused)} files. "
            "Run `kefu kb build` to let them answer."
        )
        if imported.drafts:
            Console().print(
                f"{imported.drafts} of them are drafts: `kefu kb publish ID` lets one answer, "
                "`kefu kb publish --all` lets all.",
                soft_wrap=True,
            )
    if report.refused:
        raise typer.Exit(1)


def _import_with_bar(collection: Collection, paths: list[Path], hold: Holding) -> Imported:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(name: str, done: int, known: int) -> None:
            # A name is no markup.
            bar.update(task, description=escape(name[-40:]), completed=done, total=known)

        def look(done: int, total: int) -> None:
            what = "looking for personal data"
            bar.update(task, description=what, completed=done, total=total)

        return import_articles(collection, paths, hold=hold, watch=show, progress=look)


def _remedy(drafts: int) -> str:
    if drafts:
        return "`kefu kb publish ID` accepts it, `kefu kb publish --all` that of all drafts."
    return (
        "`kefu kb withdraw ID` keeps an article from answering; import with --hold-personal-data "
        "to decide first."
    )


def build_index(
    collection: CollectionOption = None,
    index: Annotated[
        IndexKind | None,
        typer.Option(help="How vectors are searched, instead of what KEFU_FAISS_INDEX says."),
    ] = None,
) -> None:
    """Index a collection; the new version serves as soon as it is complete."""
    from chatbot.bootstrap import load_embedder

    settings = load_settings()
    chosen = collection_of(settings, collection or settings.collection)
    chosen.documents()  # a collection that is not there is said before any model loads
    version = build_with_bars(settings, chosen, load_embedder(settings), kind=index)
    Console().print(f"Built {version}.")


def build_with_bars(
    settings: Settings, collection: Collection, embedder: Embedder, *, kind: IndexKind | None = None
) -> str:
    """Index the collection, with one bar a stage on stderr; the version that is current then."""
    columns = (*Progress.get_default_columns(), TextColumn("{task.fields[texts]}"))
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}
        since = perf_counter()

        def show(stage: str, done: int, total: int) -> None:
            nonlocal since
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, texts="")
                since = perf_counter()
            texts = said_of_texts(stage, done, perf_counter() - since)
            bars.update(tasks[stage], completed=done, total=total, texts=texts)

        return build_knowledge(settings, collection, embedder, progress=show, kind=kind)


def said_of_texts(stage: str, done: int, seconds: float) -> str:
    """Behind the bar of a stage: how many were known already, or are read in a second."""
    if stage == "reuse":
        return f"{done:,} texts known"
    return f"{done / seconds:,.0f} texts/s" if stage == "encode" and done and seconds else ""


def list_knowledge() -> None:
    """Collections with their number of documents by state, and the version that serves."""
    states = ("published", "draft", "waiting", "expired", "deleted")
    table = Table("collection", "documents", *states, "version")
    settings = load_settings()
    today = SystemClock().now().date()
    vault = open_vault(settings)
    for name in list_collections(settings.collections_home):
        collection = collection_of(settings, name, vault=vault)
        try:
            version = serving_version(settings, collection)
        except IndexMissing:
            version = "not built yet"
        counts = collection.count_states(today)
        kept = sum(count for state, count in counts.items() if state is not State.DELETED)
        table.add_row(name, str(kept), *(str(counts[State(state)]) for state in states), version)
    Console().print(table)
