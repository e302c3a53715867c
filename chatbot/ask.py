"""Questions from a file, answered on the same path as a customer's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.conversation import Conversation, Turn
from chatbot.errors import FileInvalid, InputInvalid
from chatbot.turn import Desk, answer_turn


@dataclass(frozen=True)
class Asked:
    """One line of an ask file: a question, or the customer's turns of a conversation."""

    id: str
    turns: tuple[str, ...]
    single: bool


def read_questions(path: Path) -> list[Asked]:
    """Lines `{"id","question"}` or `{"id","turns":[…]}`. Raises FileInvalid with the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileInvalid(path, "there is no such file") from None
    except UnicodeDecodeError:
        raise FileInvalid(path, "the file is not UTF-8") from None
    lines = [
        (number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()
    ]
    return [_parse(path, number, line) for number, line in lines]


def _parse(path: Path, number: int, line: str) -> Asked:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise FileInvalid(path, "not a JSON object", line=number) from None
    if not isinstance(row, dict):
        raise FileInvalid(path, "not a JSON object", line=number)
    identifier = str(row.get("id", number)).encode(errors="replace").decode()
    question, turns = row.get("question"), row.get("turns")
    if isinstance(question, str) and turns is None:
        return Asked(identifier, (question,), single=True)
    if (
        isinstance(turns, list)
        and turns
        and all(isinstance(turn, str) for turn in turns)
        and question is None
    ):
        return Asked(identifier, tuple(turns), single=False)
    raise FileInvalid(
        path, 'expected {"id", "question": text} or {"id", "turns": [text, …]}', line=number
    )


def answer_questions(
    desk: Desk, conversations: Iterator[Conversation], questions: Sequence[Asked]
) -> Iterator[dict[str, object]]:
    """One result row a question, each in a conversation of its own."""
    for asked in questions:
        conversation = next(conversations)
        rows = [
            _answer(desk, conversation, asked.id, text=text, place=place)
            for place, text in enumerate(asked.turns)
        ]
        yield rows[0] if asked.single else {"id": asked.id, "turns": rows}


def _answer(
    desk: Desk, conversation: Conversation, identifier: str, *, text: str, place: int
) -> dict[str, object]:
    """A text that is no message gets a row that says so: the other questions still count."""
    # Each turn leaves something to remember for the next.
    current = desk.store.find(conversation.id) or conversation
    try:
        turn = answer_turn(desk, current, text=text, client_message_id=str(place))
    except InputInvalid as error:
        return {"id": identifier, "answer": "", "action": "error", "error": str(error)}
    return _row(identifier, turn)


def _row(identifier: str, turn: Turn) -> dict[str, object]:
    reply = turn.reply
    return {
        "id": identifier,
        "answer": reply.text,
        "action": reply.action.value,
        "citations": [citation.document_id for citation in reply.citations],
        "suggestions": [
            suggestion.document_id for suggestion in reply.suggestions if suggestion.document_id
        ],
        "intent": reply.intent,
        "confidence": reply.confidence,
        "ambiguous": bool(turn.decision.get("ambiguous")),
        "language": reply.language.value,
        "latency_ms": reply.latency_ms["total"],
        **({"error": turn.error} if turn.error else {}),
    }


def has_error(row: dict[str, object]) -> bool:
    """Whether a text was no message, or a turn broke inside."""
    turns = row.get("turns", [row])
    return isinstance(turns, list) and any("error" in turn for turn in turns)
