"""`kefu kb history|diff|publish|withdraw|delete|restore|rollback`: articles have a life."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatbot.cli.jobs import LanguageOption, Tongue
from chatbot.cli.kb_findings import busy, checked, show_findings
from chatbot.cli.options import CollectionOption
from chatbot.errors import InputInvalid
from chatbot.settings import load_settings
from chatbot.vault_home import collection_of
from knowledge_base.collection import Collection
from knowledge_base.difference import DocumentChange, Fate, FieldChange, differing
from knowledge_base.errors import DocumentUnknown
from knowledge_base.history import Change, Revision
from knowledge_base.passages import DRAFT

_DOCUMENTS_SHOWN = 50
_AROUND = 40
"""Characters that stay readable before and after a change."""
_WORDS = {
    "revision": ("revision", "版本"),
    "at": ("at (UTC)", "时间（UTC）"),
    "by": ("by", "操作人"),
    "what": ("what", "操作"),
    "added": ("added", "新增"),
    "changed": ("changed", "修改"),
    "removed": ("removed", "删除"),
    "found": ("found changed", "外部改动"),
    "import": ("import", "导入"),
    "edit": ("edit", "编辑"),
    "delete": ("delete", "删除"),
    "restore": ("restore", "恢复"),
    "publish": ("publish", "发布"),
    "withdraw": ("withdraw", "撤回"),
    "rollback": ("rollback", "回滚"),
    "to": ("{what} to {number}", "{what}到 {number}"),
    "none": ("Nothing was changed since a history is kept.", "自记录历史以来没有任何改动。"),
    "same": ("Nothing differs.", "没有差异。"),
    "more": ("and {count} documents more.", "另有 {count} 篇文章。"),
    "published": ("{count} published.", "已发布 {count} 篇。"),
    "withdrawn": ("{count} withdrawn.", "已撤回 {count} 篇。"),
    "deleted": ("{count} deleted; `kefu kb restore` brings them back.", "已删除 {count} 篇，"
                "可用 `kefu kb restore` 恢复。"),
    "restored": ("{count} restored.", "已恢复 {count} 篇。"),
    "erased": ("Articles of that time were erased for good since: they stay away.",
               "当时的部分文章此后已被彻底清除，不会恢复。"),
    "rolled": ("{count} documents are as after revision {number}.", "{count} 篇文章已恢复到"
               "版本 {number}。"),
    "remedy": ("`kefu kb withdraw ID` takes an article back.",
               "`kefu kb withdraw ID` 可撤回文章。"),
    "reading": ("reading the history", "正在读取历史"),
    "comparing": ("comparing", "正在比较"),
    "forgetting": ("forgetting", "正在清除历史"),
    "rolling": ("rolling back", "正在回滚"),
    "build": ("Run `kefu kb build` to let it answer so.", "运行 `kefu kb build` 后生效。"),
}  # fmt: skip

IdsArgument = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of documents.")]


def register_life(kb: typer.Typer) -> None:
    kb.command("history")(history)
    kb.command("diff")(diff)
    kb.command("publish")(publish)
    kb.command("withdraw")(withdraw)
    kb.command("delete")(delete)
    kb.command("restore")(restore)
    kb.command("rollback")(rollback)


def history(
    document: Annotated[str | None, typer.Option(help="Only what happened to this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
    collection: CollectionOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Who changed what and when, the newest change first."""
    chosen = _collection(collection)
    columns = ("revision", "at", "by", "what", "added", "changed", "removed")
    table = Table(*(_say(column, language) for column in columns))
    rows: list[tuple[Revision, tuple[int, int, int]]]
    with busy(_say("reading", language)):
        if document is None:
            revisions = chosen.revisions(limit=limit)
            rows = [(one, (one.added, one.changed, one.removed)) for one in revisions]
        else:
            versions = chosen.versions(document)[:limit]
            rows = [(one, _counts(change)) for one, change in versions]
    for revision, counts in rows:
        what = _say(revision.what.value, language)
        if revision.target is not None:
            what = _say("to", language, what=what, number=revision.target)
        at = f"{revision.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(revision.number), at, Text(revision.by), what, *map(str, counts))
    Console().print(table if rows else _say("none", language))


def diff(
    older: Annotated[int, typer.Argument(metavar="A", help="A revision; 0: before the first.")],
    newer: Annotated[int, typer.Argument(metavar="B", help="Another revision.")],
    document: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    collection: CollectionOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """What differs between the documents after two revisions: [-gone-] {+new+}."""
    chosen = _collection(collection)
    with busy(_say("comparing", language)):
        before, after = chosen.documents_after(older), chosen.documents_after(newer)
        if document is not None:
            if document not in before | after:
                raise DocumentUnknown(document, f"in revisions {older} and {newer}")
            before = {one: before[one] for one in before if one == document}
            after = {one: after[one] for one in after if one == document}
        found = differing(before, after)
    console = Console()
    for change in found[:_DOCUMENTS_SHOWN]:
        _show_change(console, change, language)
    if not found:
        console.print(_say("same", language))
    if len(found) > _DOCUMENTS_SHOWN:
        console.print(_say("more", language, count=len(found) - _DOCUMENTS_SHOWN))


def publish(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Ids of documents.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every draft of the collection.")] = False,
    collection: CollectionOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """Let drafts answer; the personal data in them is reported first, and thereby accepted."""
    if bool(ids) == all_:
        raise InputInvalid("Name the documents to publish, or say --all.")
    chosen = _collection(collection)
    drafts = [one for one in chosen.documents() if one.status == DRAFT]
    wanted = list(ids) if ids else [one.id for one in drafts]
    show_findings(
        checked([one for one in drafts if one.id in set(wanted)], language),
        language,
        remedy=_say("remedy", language),
    )
    _done("published", chosen.publish(wanted), language)


def withdraw(
    ids: IdsArgument, collection: CollectionOption = None, language: LanguageOption = Tongue.EN
) -> None:
    """Make drafts of documents: they are kept and do not answer."""
    _done("withdrawn", _collection(collection).withdraw(ids), language)


def delete(
    ids: IdsArgument, collection: CollectionOption = None, language: LanguageOption = Tongue.EN
) -> None:
    """Remove documents; the history keeps them, so that they can be restored."""
    chosen = _collection(collection)
    known = {document.id for document in chosen.documents()}
    for one in ids:
        if one not in known:
            raise DocumentUnknown(one, f"in {chosen.name}")
    _done("deleted", chosen.remove(ids), language)


def restore(
    ids: IdsArgument, collection: CollectionOption = None, language: LanguageOption = Tongue.EN
) -> None:
    """Bring deleted documents back as they were."""
    _done("restored", _collection(collection).restore(ids), language)


def rollback(
    revision: Annotated[int, typer.Argument(help="As `kefu kb history` counts them.")],
    collection: CollectionOption = None,
    language: LanguageOption = Tongue.EN,
) -> None:
    """All documents as they were after a revision; this is a change that can be rolled back too."""
    chosen = _collection(collection)
    with busy(_say("rolling", language)):
        count = chosen.rollback(revision)
        lost = chosen.has_lost(revision)
    _done("rolled", count, language, number=revision)
    if lost:
        Console().print(_say("erased", language), soft_wrap=True)


def _collection(name: str | None) -> Collection:
    """Raises CollectionUnknown."""
    settings = load_settings()
    chosen = collection_of(settings, name or settings.collection)
    chosen.documents()
    return chosen


def _done(word: str, count: int, language: Tongue, **blanks: object) -> None:
    said = _say(word, language, count=count, **blanks)
    Console().print(said, _say("build", language) if count else "", highlight=False, soft_wrap=True)


def _counts(change: Change) -> tuple[int, int, int]:
    removed = change.after is None
    return int(not change.before), int(bool(change.before) and not removed), int(removed)


def _show_change(console: Console, change: DocumentChange, language: Tongue) -> None:
    word = "added" if change.added else "removed" if change.removed else "changed"
    heading = Text.assemble((change.id, "bold"), f"  {_say(word, language)}")
    console.print(heading, soft_wrap=True)
    for field in change.fields:
        console.print(_line(field), soft_wrap=True)


def _line(change: FieldChange) -> Text:
    """Colours tell no more than the brackets do."""
    line = Text(f"  {change.field}: ")
    for place, piece in enumerate(change.pieces):
        if piece.fate is Fate.GONE:
            line.append(f"[-{piece.text}-]", "red")
        elif piece.fate is Fate.NEW:
            line.append(f"{{+{piece.text}+}}", "green")
        else:
            line.append(_shortened(piece.text, place, len(change.pieces)))
    return line


def _shortened(text: str, place: int, pieces: int) -> str:
    before = _AROUND if place > 0 else 0
    after = _AROUND if place < pieces - 1 else 0
    if len(text) <= before + after + 1:
        return text
    return f"{text[:before]}…{text[len(text) - after :]}"


def _say(word: str, language: Tongue, **blanks: object) -> str:
    english, chinese = _WORDS[word]
    return (english if language is Tongue.EN else chinese).format(**blanks)
