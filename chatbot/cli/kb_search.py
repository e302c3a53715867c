"""`kefu kb search`: what a question finds, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from chatbot.cli.jobs import Tongue
from chatbot.cli.options import CollectionOption
from chatbot.fakes import MemoryStore
from chatbot.inquiry import Inquiry, inquire
from chatbot.settings import load_settings
from chatbot.turn import look_up
from knowledge_base.explanation import Explained, Fate, Standing
from knowledge_base.passages import Filter, Hit

_WORDS = {
    "score": ("score", "得分"),
    "document": ("document", "文章"),
    "title": ("title", "标题"),
    "text": ("text", "正文"),
    "about": ("article, nearest question, shared words", "文章、最近的问题、共有词语"),
    "question": ("question", "问题"),
    "words": ("words", "词语"),
    "share": ("share", "占比"),
    "hint": ("hint", "主题"),
    "line": ("── {limit:g}: below this nothing is answered ──",
             "── {limit:g}：低于此线不作回答 ──"),
    Fate.SAME_ARTICLE.value: ("a better passage of its article is shown",
                              "已显示该文章更合适的段落"),
    Fate.DUPLICATE.value: ("says the same as {instead}", "与 {instead} 内容相同"),
    Fate.TOO_FAR_DOWN.value: ("too far down", "名次靠后"),
    "seen": ("Asked as: {query}", "实际检索：{query}"),
    "counts": ("{found} candidates from {admitted:,} passages that the filter lets in, of "
               "{passages:,}; index {version}.",
               "{found} 个候选，来自 {passages:,} 个段落中符合筛选条件的 {admitted:,} 个；"
               "索引 {version}。"),
    "topic": ("Intent {intent}; out of scope with probability {outside:.3f}.",
              "主题：{intent}；不属于任何主题的概率：{outside:.3f}。"),
    "no intent": ("none", "无"),
    "would": ("A conversation would {action} ({reason}): {named}.",
              "真实会话将会{action}（{reason}）：{named}。"),
    "no document": ("no article", "无文章"),
}  # fmt: skip
_CHINESE = {
    "answer": "回答",
    "clarify": "反问",
    "refuse": "拒答",
    "handoff": "转人工",
    "article": "文章足够可靠",
    "no_article": "没有合适的文章",
    "unsure": "把握不大",
    "ambiguous": "两个主题很接近",
    "out_of_scope": "不属于任何主题",
    "nothing_to_understand": "没有可理解的内容",
    "request_human": "要求人工服务",
    "complaint": "投诉",
    "greeting": "问候",
    "thanks": "致谢",
    "goodbye": "道别",
    "small_talk": "闲聊",
}
"""What a conversation would do and why. In English the names say it; one that is missing here is
shown as it is."""


def search(
    query: Annotated[str, typer.Argument(help="What a customer would ask.")],
    collection: CollectionOption = None,
    limit: Annotated[
        int, typer.Option(min=1, max=100, help="Passages; with --explain, candidates.")
    ] = 5,
    language: Annotated[str, typer.Option(help="Articles in this language alone: en or zh.")] = "",
    tag: Annotated[
        list[str] | None, typer.Option(help="Articles with this tag; of several, with any.")
    ] = None,
    audience: Annotated[
        str, typer.Option(help="Articles for this audience, and those for everyone.")
    ] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="What every stage of the search made of each.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs, to stdout.")] = False,
    printed: Annotated[
        Tongue,
        typer.Option("--print-language", help="Of what is printed: en or zh (中文)."),
    ] = Tongue.EN,
) -> None:
    """The passages a turn would see, with their scores, on the path a turn takes."""
    from chatbot.bootstrap import build

    settings = load_settings()
    desk = build(settings, store=MemoryStore()).desk(collection or settings.collection)
    only = Filter(language, frozenset(tag or ()), audience)
    if explain:
        inquiry = inquire(desk, query, shown=limit, only=only)
        if as_json:
            _print_json(inquiry.record())
        else:
            _show_inquiry(inquiry, printed)
        return
    hits = look_up(desk, query, limit=limit, only=only)
    if as_json:
        _print_json([_hit(hit) for hit in hits])
    else:
        _show_hits(hits, printed)


def _show_hits(hits: Sequence[Hit], language: Tongue) -> None:
    table = Table(*(_say(column, language) for column in ("score", "document", "title", "text")))
    for hit in hits:
        passage = hit.passage
        names = "\n".join((passage.document_id, *(f"= {name}" for name in hit.duplicates)))
        cells = (f"{hit.score:.3f}", names, passage.title, passage.text[:80])
        # Plain text: what a company writes in brackets is no markup.
        table.add_row(*map(Text, cells))
    Console().print(table)


def _hit(hit: Hit) -> dict[str, object]:
    passage = hit.passage
    return {
        "document_id": passage.document_id,
        "passage_id": passage.id,
        "title": passage.title,
        "text": passage.text,
        "language": passage.language,
        "score": round(hit.score, 4),
        "duplicates": list(hit.duplicates),
    }


def _show_inquiry(found: Inquiry, language: Tongue) -> None:
    console = Console()
    if found.explanation.candidates:
        console.print(_stages_table(found, language))
    for sentence in _sentences(found, language):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _stages_table(found: Inquiry, language: Tongue) -> Table:
    numbers = ("score", "text", "question", "words", "share", "hint")
    table = Table(
        Column("#", justify="right"),
        Column(_say("about", language), ratio=1, overflow="fold"),
        *(Column(_say(name, language), justify="right", no_wrap=True) for name in numbers),
        expand=True,
    )
    limit = found.thresholds.answer
    below = False
    for one in found.explanation.candidates:
        if not below and not found.passes(one):
            below = True
            table.add_row("", Text(_say("line", language, limit=limit)))
        table.add_row(*map(Text, _cells(one, language)))
    return table


def _cells(one: Explained, language: Tongue) -> Iterator[str]:
    """A rank stands below its value."""
    yield "–" if one.place is None else str(one.place)
    about = [one.passage.document_id, f"? {one.nearest_question}", f"= {' '.join(one.words)}"]
    if one.fate is not Fate.SHOWN:
        about.append(f"({_say(one.fate.value, language, instead=one.instead)})")
    yield "\n".join(about)
    yield _standing(one.fused)
    for stage in ("text", "nearest", "lexical", "coverage"):
        yield _standing(one.stages[stage])
    yield "–" if one.hint is None else f"{one.hint:.3f}"


def _standing(standing: Standing) -> str:
    return f"{standing.value:.3f}\n({standing.rank})"


def _sentences(found: Inquiry, language: Tongue) -> Iterator[str]:
    explained, decision = found.explanation, found.decision
    yield _say("seen", language, query=found.seen)
    yield _say(
        "counts",
        language,
        found=explained.found,
        admitted=explained.admitted,
        passages=explained.passages,
        version=explained.version,
    )
    intent = found.understanding.intent or _say("no intent", language)
    yield _say("topic", language, intent=intent, outside=found.understanding.out_of_scope)
    documents = ", ".join(hit.passage.document_id for hit in decision.hits)
    yield _say(
        "would",
        language,
        action=named(decision.action.value, language),
        reason=named(decision.reason, language),
        named=documents or _say("no document", language),
    )


def named(name: str, language: Tongue) -> str:
    """An action or a reason."""
    return _CHINESE.get(name, name) if language is Tongue.ZH else name


def _say(word: str, language: Tongue, **blanks: object) -> str:
    return _WORDS[word][language is Tongue.ZH].format(**blanks)


def _print_json(found: object) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
