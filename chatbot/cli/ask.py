"""`kefu ask`: one question in the terminal, or a file of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from chatbot.ask import answer_questions, has_error, read_questions
from chatbot.cli.options import CollectionOption
from chatbot.conversation import Conversation, Language, Turn
from chatbot.errors import InputInvalid
from chatbot.fakes import MemoryStore
from chatbot.reception import open_conversation
from chatbot.settings import load_settings
from chatbot.turn import Desk, answer_turn


def register(app: typer.Typer) -> None:
    app.command("ask")(ask)


def ask(
    question: Annotated[str | None, typer.Argument(help="What a customer would write.")] = None,
    language: Annotated[
        Language | None, typer.Option(help="Language of a text that shows none, such as digits.")
    ] = None,
    collection: CollectionOption = None,
    source: Annotated[
        Path | None, typer.Option("--input", help="JSONL of questions, or of lists of turns.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="JSONL of answers.")] = None,
) -> None:
    """Ask as a customer would; nothing is recorded."""
    # The models' libraries take seconds to import: only a command that asks waits for them.
    from chatbot.bootstrap import build

    if (question is None) == (source is None) or (source is None) != (output is None):
        raise typer.BadParameter('give either a "question", or both --input and --output')
    settings = load_settings()
    questions = read_questions(source) if source is not None else []
    kefu = build(settings, store=MemoryStore())
    name = collection or settings.collection
    # A customer would get an apology; whoever types this wants to know what is missing.
    kefu.models(name)
    if source is not None and output is not None:
        conversations = _conversations(kefu.desk(name), name, language)
        failed = 0
        with (
            Progress(console=Console(stderr=True)) as progress,
            output.open("w", encoding="utf-8") as target,
        ):
            task = progress.add_task("questions", total=len(questions))
            for row in answer_questions(kefu.desk(name), conversations, questions):
                target.write(json.dumps(row, ensure_ascii=False) + "\n")
                failed += has_error(row)
                progress.advance(task)
        if failed:
            raise InputInvalid(
                f"{failed} of {len(questions)} questions have no answer; "
                f"{output} says why beside each."
            )
    elif question is not None:
        desk = kefu.desk(name)
        conversation = next(_conversations(desk, name, language))
        turn = answer_turn(desk, conversation, text=question, client_message_id="1")
        _show(turn)


def _conversations(
    desk: Desk, collection: str, language: Language | None
) -> Iterator[Conversation]:
    while True:
        yield open_conversation(
            desk.store, desk.clock, channel="cli", collection=collection, language=language
        ).conversation


def _show(turn: Turn) -> None:
    reply = turn.reply
    console = Console(highlight=False)
    console.print(reply.text, markup=False)
    for number, citation in enumerate(reply.citations, start=1):
        console.print(f"\n[{number}] {citation.title} {citation.url}", markup=False)
        source = f"    {citation.document_id}, score {citation.score:.2f}"
        console.print(source, style="dim", markup=False)
    for suggestion in reply.suggestions:
        console.print(f"  › {suggestion.text}", markup=False)
    console.print(
        f"{reply.action.value} · {_understood(turn)} · {reply.latency_ms['total']:.0f} ms",
        style="dim",
        markup=False,
    )


def _understood(turn: Turn) -> str:
    best = f"{turn.reply.intent} {turn.reply.confidence:.2f}"
    ranking = turn.decision.get("ranking")
    if not turn.decision.get("ambiguous") or not isinstance(ranking, list):
        return best
    rival, share = ranking[1]
    return f"{best} or {rival} {share:.2f} (ambiguous)"
