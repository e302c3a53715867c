"""`kefu kb`: what the company knows.

The models' libraries take seconds to import, so only the commands that need them do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from chatbot.article_import import Holding, Imported, import_articles
from chatbot.cli.jobs import LanguageOption, Tongue
from chatbot.cli.kb_bars import stage_bars
from chatbot.cli.kb_findings import looking, show_findings
from chatbot.cli.kb_forget import forget, say_unfinished
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

_WORDS = {
    "reading": ("reading", "正在读取"),
    "imported": ("{added} added, {changed} changed, {unchanged} unchanged from {files} of {given} "
                 "files. Run `kefu kb build` to let them answer.",
                 "共 {given} 个文件，已导入 {files} 个：新增 {added} 篇，修改 {changed} 篇，"
                 "未变 {unchanged} 篇。运行 `kefu kb build` 后生效。"),
    "drafts": ("{count} of them are drafts: `kefu kb publish ID` lets one answer, "
               "`kefu kb publish --all` lets all.",
               "其中草稿 {count} 篇：`kefu kb publish ID` 发布一篇，"
               "`kefu kb publish --all` 发布全部。"),
    "accept": ("`kefu kb publish ID` accepts it, `kefu kb publish --all` that of all drafts.",
               "`kefu kb publish ID` 表示认可，`kefu kb publish --all` 表示认可所有草稿中的。"),
    "withdraw": ("`kefu kb withdraw ID` keeps an article from answering; import with "
                 "--hold-personal-data to decide first.",
                 "`kefu kb withdraw ID` 可让文章不再用于回答；导入时加 --hold-personal-data "
                 "则可先行决定。"),
    "built": ("Built {version}.", "已建立索引 {version}。"),
    "collection": ("collection", "知识库"),
    "documents": ("documents", "文章"),
    "published": ("published", "已发布"),
    "draft": ("draft", "草稿"),
    "waiting": ("waiting", "尚未生效"),
    "expired": ("expired", "已过期"),
    "deleted": ("deleted", "已删除"),
    "version": ("version", "版本"),
    "not built": ("not built yet", "尚未建立索引"),
}  # fmt: skip


def register(app: typer.Typer) -> None:
    kb = typer.Typer(help="Import, index and search the company's knowledge.", no_args_is_help=True)
    kb.command("import")(import_files)
    kb.command("build")(build_index)
    kb.command("list")(list_knowledge)
    kb.command("search")(search)
    register_life(kb)
    kb.command("forget")(forget)
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
    language: LanguageOption = Tongue.EN,
) -> None:
    """Add documents to a collection; a document with a known id replaces the old one.

    Personal data in new and changed documents is reported: its type and place, never the value.

    Of each file either all documents are imported or none. Files that are encrypted, scanned,
    damaged, too large or harmful are refused with the reason, and the others are imported all the
    same; the exit code is then 1.
    """
    chosen = _collection(collection)
    hold = Holding.PERSONAL_DATA if hold_personal_data else Holding.NOTHING
    imported = _import_with_bar(chosen, paths, Holding.ALL if draft else hold, language)
    report = imported.report
    remedy = _say("accept" if imported.drafts else "withdraw", language)
    show_findings(imported.findings, language, remedy=remedy)
    problems = Console(stderr=True)
    for refused in report.refused:
        sentence = "".join(c if c.isprintable() else "?" for c in str(refused))
        problems.print(f"kefu: {sentence}", markup=False, highlight=False, soft_wrap=True)
    if report.files:
        _print(_said_of_import(imported, language))
        if imported.drafts:
            _print(_say("drafts", language, count=imported.drafts))
    if report.refused:
        raise typer.Exit(1)


def _said_of_import(imported: Imported, language: Tongue) -> str:
    report = imported.report
    return _say(
        "imported",
        language,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        files=report.files,
        given=report.files + len(report.refused),
    )


def _import_with_bar(
    collection: Collection, paths: list[Path], hold: Holding, language: Tongue
) -> Imported:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_say("reading", language), total=None)

        def show(name: str, done: int, known: int) -> None:
            # A name is no markup.
            bar.update(task, description=escape(name[-40:]), completed=done, total=known)

        def look(done: int, total: int) -> None:
            bar.update(task, description=looking(language), completed=done, total=total)

        return import_articles(collection, paths, hold=hold, watch=show, progress=look)


def build_index(
    collection: CollectionOption = None,
    index: Annotated[
        IndexKind | None,
        typer.Option(help="How vectors are searched, instead of what KEFU_FAISS_INDEX says."),
    ] = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Index a collection; the new version serves as soon as it is complete."""
    from chatbot.bootstrap import load_embedder

    settings = load_settings()
    chosen = collection_of(settings, collection or settings.collection)
    chosen.documents()  # a collection that is not there is said before any model loads
    embedder = load_embedder(settings)
    version = build_with_bars(settings, chosen, embedder, kind=index, language=language)
    _print(_say("built", language, version=version))
    say_unfinished([chosen])


def build_with_bars(
    settings: Settings,
    collection: Collection,
    embedder: Embedder,
    *,
    kind: IndexKind | None = None,
    language: Tongue = Tongue.EN,
) -> str:
    """Index the collection, with one bar a stage on stderr; the version that is current then."""
    with stage_bars(language) as show:
        return build_knowledge(settings, collection, embedder, progress=show, kind=kind)


def list_knowledge(language: LanguageOption = Tongue.EN) -> None:
    """Collections with their number of documents by state, and the version that serves.

    An erasure that is not finished is said below.
    """
    states = ("published", "draft", "waiting", "expired", "deleted")
    columns = ("collection", "documents", *states, "version")
    table = Table(*(_say(column, language) for column in columns))
    settings = load_settings()
    today = SystemClock().now().date()
    vault = open_vault(settings)
    found = [
        collection_of(settings, name, vault=vault)
        for name in list_collections(settings.collections_home)
    ]
    for collection in found:
        try:
            version = serving_version(settings, collection)
        except IndexMissing:
            version = _say("not built", language)
        counts = collection.count_states(today)
        kept = sum(count for state, count in counts.items() if state is not State.DELETED)
        table.add_row(
            collection.name, str(kept), *(str(counts[State(state)]) for state in states), version
        )
    Console().print(table)
    say_unfinished(found)


def _say(word: str, language: Tongue, **blanks: object) -> str:
    return _WORDS[word][language is Tongue.ZH].format(**blanks)


def _print(sentence: str) -> None:
    Console().print(sentence, markup=False, highlight=False, soft_wrap=True)
