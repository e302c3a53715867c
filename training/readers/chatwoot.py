"""Conversations with labels from Chatwoot: the customer's first message, and the label as intent.

Chatwoot 4 exports no conversations (https://github.com/chatwoot/chatwoot/issues/15243). What is
read is what its application API answers, saved as JSON: a list of conversations with `labels` and
`messages`, the answer of `GET conversations` (`data.payload`; it holds only the last message of
each) and that of `GET conversations/{id}/messages` (`meta.labels`, `payload`), one file each or
several in a folder; also a query on its database saved as CSV, one message a row, with
`content,message_type`, `labels` or `cached_label_list`, and `conversation_id`. Shapes as in
Chatwoot's views `conversations/partials/_conversation.json.jbuilder` and
`models/_message.json.jbuilder` of 2020 to 2026.

These are customers' own words: personal data is masked as in a conversation with Kefu.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from privacy.redaction import Redactor
from training.findings import Finding, Problem
from training.readers import csv
from training.readers.faults import Fault
from training.readers.json_text import elements
from training.readers.rows import Draft
from training.readers.source import Source

_COLUMNS = ("content", "message_type")
_LABEL_COLUMNS = ("labels", "cached_label_list")
_INCOMING = {"0", "incoming"}
_TRUE = {"true", "t", "1"}
_BETWEEN_LABELS = re.compile(r"[,;]")


@dataclass(frozen=True)
class _Conversation:
    source: Source
    line: int
    name: str
    labels: tuple[str, ...]
    question: str


def has_conversations(columns: Sequence[str]) -> bool:
    """Whether a CSV file with these columns holds them."""
    return set(_COLUMNS) <= set(columns) and "text" not in columns


def read(sources: Sequence[Source]) -> Iterator[Draft | Finding]:
    found = False
    for source in sources:
        rows = _from_csv(source) if source.suffix != ".json" else _from_json(source)
        for conversation in rows:
            found = True
            yield from _taught(conversation)
    if not found:
        raise Fault.NO_CONVERSATIONS.at(sources[0].path)


def _taught(conversation: _Conversation) -> Iterator[Draft | Finding]:
    source, line = conversation.source, conversation.line
    place = (line, source.name, conversation.name)
    if not conversation.labels:
        yield Finding(Problem.UNLABELLED, *place)
    elif len(conversation.labels) > 1:
        yield Finding(Problem.SEVERAL_LABELS, *place)
    elif not conversation.question:
        yield Finding(Problem.NO_QUESTION, *place)
    else:
        masked = Redactor().redact(conversation.question)
        if masked.spans:
            yield Finding(Problem.MASKED, *place)
        yield Draft(source, line, masked.text, conversation.labels[0])


def _from_json(source: Source) -> Iterator[_Conversation]:
    for line, element in elements(source):
        data = element.get("data") if isinstance(element, dict) else None
        listed = data.get("payload") if isinstance(data, dict) else None
        for conversation in listed if isinstance(listed, list) else [element]:
            if isinstance(conversation, dict):
                yield from _conversation(source, line, conversation)


def _conversation(source: Source, line: int, row: Mapping[str, Any]) -> Iterator[_Conversation]:
    labels, messages = row.get("labels"), row.get("messages")
    meta = row.get("meta")
    if "payload" in row and isinstance(meta, dict):
        labels, messages = meta.get("labels"), row["payload"]
    if not isinstance(labels, list) or not isinstance(messages, list):
        return
    incoming = [m for m in messages if isinstance(m, dict) and _is_question(m)]
    # The API answers oldest first, but files are put together in many ways.
    incoming.sort(key=_sent_at)
    name = row.get("id") or (incoming[0].get("conversation_id") if incoming else "")
    yield _Conversation(
        source,
        line,
        str(name or ""),
        tuple(label for label in labels if isinstance(label, str) and label.strip()),
        _flat(incoming[0]["content"]) if incoming else "",
    )


def _from_csv(source: Source) -> Iterator[_Conversation]:
    threads: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, row in csv.records(source, _COLUMNS):
        threads.setdefault(row.get("conversation_id", "").strip() or f"#{line}", []).append(
            (line, row)
        )
    for name, rows in threads.items():
        labels = {
            label.strip()
            for _, row in rows
            for column in _LABEL_COLUMNS
            for label in _BETWEEN_LABELS.split(row.get(column, "").strip("{}[]"))
        }
        questions = [(line, row["content"]) for line, row in rows if _is_question(row)]
        line, question = questions[0] if questions else (rows[0][0], "")
        yield _Conversation(source, line, name, tuple(sorted(labels - {""})), _flat(question))


def _is_question(message: Mapping[str, Any]) -> bool:
    content = message.get("content")
    kind = str(message.get("message_type")).strip().lower()
    private = str(message.get("private")).strip().lower() in _TRUE
    return kind in _INCOMING and not private and isinstance(content, str) and bool(content.strip())


def _sent_at(message: Mapping[str, Any]) -> float:
    at = message.get("created_at")
    return float(at) if isinstance(at, int | float) and abs(at) < 1e15 else 0.0


def _flat(question: str) -> str:
    return " ".join(question.split())
