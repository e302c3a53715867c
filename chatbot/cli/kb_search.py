"""`kefu kb search`: what a question finds, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from chatbot.cli.options import CollectionOption
from chatbot.fakes import MemoryStore
from chatbot.inquiry import Inquiry, inquire
from chatbot.settings import load_settings
from chatbot.turn import look_up
from knowledge_base.explanation import Explained, Fate, Standing
from knowledge_base.passages import Filter, Hit

_FATES = {
    Fate.SHOWN: "shown",
    Fate.SAME_ARTICLE: "a better passage of its article is shown",
    Fate.DUPLICATE: "says the same as {instead}",
    Fate.TOO_FAR_DOWN: "too far down",
}


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
) -> None:
    """The passages a turn would see, with their scores, on the path a turn takes."""
    from chatbot.bootstrap import build

    settings = load_settings()
    desk = build(settings, store=MemoryStore()).desk(collection or settings.collection)
    only = Filter(language, frozenset(tag or ()), audience)
    if explain:
        _show_inquiry(inquire(desk, query, shown=limit, only=only), as_json=as_json)
    else:
        _show_hits(look_up(desk, query, limit=limit, only=only), as_json=as_json)


def _show_hits(hits: Sequence[Hit], *, as_json: bool) -> None:
    if as_json:
        _print_json([_hit(hit) for hit in hits])
        return
    table = Table("score", "document", "title", "text")
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


def _show_inquiry(found: Inquiry, *, as_json: bool) -> None:
    if as_json:
        _print_json(found.record())
        return
    console, explained = Console(), found.explanation
    if explained.candidates:
        console.print(_stages_table(found))
    for sentence in _sentences(found):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _stages_table(found: Inquiry) -> Table:
    numbers = ("score", "text", "question", "words", "share", "hint")
    table = Table(
        Column("#", justify="right"),
        Column("article, nearest question, shared words", ratio=1, overflow="fold"),
        *(Column(name, justify="right", no_wrap=True) for name in numbers),
        expand=True,
    )
    limit = found.thresholds.answer
    below = False
    for one in found.explanation.candidates:
        if not below and not found.passes(one):
            below = True
            table.add_row("", Text(f"── {limit:g}: below this nothing is answered ──"))
        table.add_row(*map(Text, _cells(one)))
    return table


def _cells(one: Explained) -> Iterator[str]:
    """A rank stands below its value."""
    yield "–" if one.place is None else str(one.place)
    about = [one.passage.document_id, f"? {one.nearest_question}", f"= {' '.join(one.words)}"]
    if one.fate is not Fate.SHOWN:
        about.append(f"({_FATES[one.fate].format(instead=one.instead)})")
    yield "\n".join(about)
    yield _standing(one.fused)
    for stage in ("text", "nearest", "lexical", "coverage"):
        yield _standing(one.stages[stage])
    yield "–" if one.hint is None else f"{one.hint:.3f}"


def _standing(standing: Standing) -> str:
    return f"{standing.value:.3f}\n({standing.rank})"


def _sentences(found: Inquiry) -> Iterator[str]:
    explained, decision = found.explanation, found.decision
    yield f"Asked as: {found.seen}"
    yield (
        f"{explained.found} candidates from {explained.admitted:,} passages that the filter lets "
        f"in, of {explained.passages:,}; index {explained.version}."
    )
    intent = found.understanding.intent or "none"
    outside = found.understanding.out_of_scope
    yield f"Intent {intent}; out of scope with probability {outside:.3f}."
    named = ", ".join(hit.passage.document_id for hit in decision.hits) or "no article"
    yield f"A conversation would {decision.action.value} ({decision.reason}): {named}."


def _print_json(found: object) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
