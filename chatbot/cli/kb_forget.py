"""`kefu kb forget`: articles are erased for good, from the disk too."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from chatbot.article_erasure import Erased, erase_articles
from chatbot.cli.jobs import LanguageOption, Tongue
from chatbot.cli.kb_bars import stage_bars
from chatbot.cli.operator import PurposeOption, open_desk, operator
from chatbot.cli.options import CollectionOption
from chatbot.errors import InputInvalid
from chatbot.settings import load_settings
from chatbot.vault_home import collection_of
from knowledge_base.collection import Collection
from knowledge_base.embedding import Embedder

_WORDS = {
    "asked": (
        "This cannot be undone: number of articles of {name} that go from the history and every "
        "index, too: {count}. Erase them?",
        "此操作无法撤销：将从文章、历史和所有索引中清除“{name}”的 {count} 篇文章。确定清除吗？",
    ),
    "forgotten": (
        "{articles} forgotten for good. Gone with it: changes in the history {changes}, older "
        "versions of the index {versions}, copies on Milvus {copies}.",
        "已彻底清除 {articles} 篇文章，一并删除：历史改动 {changes} 条、旧索引版本 {versions} 个、"
        "Milvus 副本 {copies} 份。",
    ),
    "serves": (
        "{version} was built from the articles that stay, and serves.",
        "已用其余文章建立 {version}，现由它应答。",
    ),
    "none": ("No index is left: no article may answer.", "已无索引：没有文章可以应答。"),
    "unknown": (
        "No article and no change in the history is called {ids}.",
        "文章和历史中都没有 {ids}。",
    ),
    "unfinished": (
        "An erasure in {name} is not finished: its words may still be on the disk. Run "
        "`kefu kb forget --collection {name}` to finish it.",
        "“{name}”中的清除尚未完成，相关文字可能仍在磁盘上。请运行 "
        "`kefu kb forget --collection {name}` 完成清除。",
    ),
}


def forget(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID...]", help="Of articles; none, to finish what was begun."),
    ] = None,
    collection: CollectionOption = None,
    purpose: PurposeOption = "an article was to be erased",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Erase articles for good: no file of the collection holds their words afterwards.

    They go from the articles, drafts and deleted ones among them, from the history, from every
    version of the index and from Milvus. A whole new index is built for it from the articles as
    they are now, and serves; older ones are deleted. Interrupted, the same command goes on, and
    `kefu kb list` says so until then. Rolling back does not bring them back. The ledger has who
    erased how many and why.
    """
    settings = load_settings()
    chosen = collection_of(settings, collection or settings.collection)
    chosen.documents()  # a collection that is not there is said before anything is asked
    if not ids and not chosen.note.is_there:
        raise InputInvalid("Name the documents to erase: no erasure is unfinished.")
    if ids and sys.stdin.isatty() and not yes:
        question = _say("asked", language, count=len(set(ids)), name=chosen.name)
        typer.confirm(question, abort=True, err=True)
    erased = _erase(chosen, ids or (), purpose, language)
    console = Console()
    lines = [_said(erased, language)]
    if erased.version is not None:
        lines.append(_say("serves", language, version=erased.version))
    elif erased.versions or erased.copies:
        lines.append(_say("none", language))
    if erased.unknown:
        lines.append(_say("unknown", language, ids=", ".join(erased.unknown)))
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def say_unfinished(collections: Sequence[Collection]) -> None:
    """On stderr, in both languages: whoever lists or builds may be anyone."""
    console = Console(stderr=True)
    for one in collections:
        if one.note.is_there:
            for language in (Tongue.EN, Tongue.ZH):
                said = _say("unfinished", language, name=one.name)
                console.print(said, markup=False, highlight=False, soft_wrap=True)


def _erase(collection: Collection, ids: Sequence[str], purpose: str, language: Tongue) -> Erased:
    """With entries in the ledger before it begins and once everything is gone."""
    from chatbot.privacy_desk import accept_purpose, write

    settings = load_settings()
    desk, actor, reason = open_desk(), operator(), accept_purpose(purpose)
    subject = f"collection:{collection.name}"
    write(desk, actor, "forget_articles", subject=subject, purpose=reason)

    def record(erased: Erased) -> None:
        counted = ("articles", "changes", "versions", "copies")
        counts = " ".join(f"{name}={getattr(erased, name)}" for name in counted)
        write(desk, actor, "forgot_articles", subject=f"{subject} {counts}", purpose=reason)

    def embedder() -> Embedder:
        from chatbot.bootstrap import load_embedder

        return load_embedder(settings)

    with stage_bars(language) as show:
        return erase_articles(*(settings, collection, ids, embedder), progress=show, record=record)


def _said(erased: Erased, language: Tongue) -> str:
    return _say(
        "forgotten",
        language,
        articles=erased.articles,
        changes=erased.changes,
        versions=erased.versions,
        copies=erased.copies,
    )


def _say(word: str, language: Tongue, **blanks: object) -> str:
    english, chinese = _WORDS[word]
    return (english if language is Tongue.EN else chinese).format(**blanks)
