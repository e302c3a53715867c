"""`kefu kb`: what the company knows.

The models' libraries take seconds to import, so only the commands that need them do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID
from rich.table import Table
from rich.text import Text

from chatbot.cli.options import CollectionOption
from chatbot.fakes import MemoryStore
from chatbot.settings import load_settings
from chatbot.turn import look_up
from chatbot.vault_home import collection_of, open_vault
from knowledge_base.collection import Collection, list_collections
from knowledge_base.embedding import Embedder
from knowledge_base.errors import IndexMissing
from knowledge_base.index_kind import IndexKind


def register(app: typer.Typer) -> None:
    kb = typer.Typer(help="Import, index and search the company's knowledge.", no_args_is_help=True)
    kb.command("import")(import_files)
    kb.command("build")(build_index)
    kb.command("list")(list_knowledge)
    kb.command("search")(search)
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
) -> None:
    """Add documents to a collection; a document with a known id replaces the old one.

    Of each file either all documents are imported or none. Files that are encrypted, scanned,
    damaged, too large or harmful are refused with the reason, and the others are imported all the
    same; the exit code is then 1.
    """
    chosen = _collection(collection)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(name: str, done: int, known: int) -> None:
            # A name is no markup.
            bar.update(task, description=escape(name[-40:]), completed=done, total=known)

        report = chosen.import_readable(paths, watch=show)
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
    if report.refused:
        raise typer.Exit(1)


def build_index(
    collection: CollectionOption = None,
    index: Annotated[
        IndexKind | None,
        typer.Option(help="How vectors are searched, instead of what KEFU_FAISS_INDEX says."),
    ] = None,
) -> None:
    """Index a collection; the new version serves as soon as it is complete."""
    from chatbot.bootstrap import load_embedder

    chosen = _collection(collection)
    chosen.documents()  # a collection that is not there is said before any model loads
    version = build_with_bars(chosen, load_embedder(load_settings()), kind=index)
    Console().print(f"Built {version}.")


def build_with_bars(
    collection: Collection, embedder: Embedder, *, kind: IndexKind | None = None
) -> str:
    """Index the collection, with one bar a stage on stderr; the version that is current then."""
    with Progress(console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        return collection.build(embedder, progress=show, kind=kind)


def list_knowledge() -> None:
    """Collections with their number of documents and the version that serves."""
    table = Table("collection", "documents", "version")
    settings = load_settings()
    vault = open_vault(settings)
    for name in list_collections(settings.collections_home):
        collection = collection_of(settings, name, vault=vault)
        try:
            version = collection.current_version()
        except IndexMissing:
            version = "not built yet"
        table.add_row(name, str(len(collection.documents())), version)
    Console().print(table)


def search(
    query: Annotated[str, typer.Argument(help="What a customer would ask.")],
    collection: CollectionOption = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 5,
) -> None:
    """The passages a turn would see, with their scores, on the path a turn takes."""
    from chatbot.bootstrap import build

    settings = load_settings()
    desk = build(settings, store=MemoryStore()).desk(collection or settings.collection)
    hits = look_up(desk, query, limit=limit)
    table = Table("score", "document", "title", "text")
    for hit in hits:
        passage = hit.passage
        cells = (f"{hit.score:.3f}", passage.document_id, passage.title, passage.text[:80])
        # Plain text: what a company writes in brackets is no markup.
        table.add_row(*map(Text, cells))
    Console().print(table)
