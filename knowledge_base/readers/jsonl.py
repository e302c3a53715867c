"""One JSON object a line, with the fields of the CSV format; `tags` and `variants` are lists.

Dify's export of annotations is read too: `{"messages": [{"role": "user", "content": "…"}, …]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from knowledge_base.errors import DocumentInvalid
from knowledge_base.passages import Document
from knowledge_base.readers.fields import OPTIONAL, REQUIRED, FieldInvalid, document_from
from knowledge_base.readers.source import Ids, Source, digest
from knowledge_base.readers.text import read_text

_FIELDS = (*REQUIRED, *OPTIONAL)


def read(source: Source) -> Iterator[tuple[int, Document]]:
    """Pairs of line and document."""
    ids = Ids(source)
    # str.splitlines would also cut at U+2028, which may stand inside a JSON text.
    for line, text in enumerate(read_text(source).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            document = document_from(_cells(text, ids))
        except FieldInvalid as error:
            raise DocumentInvalid(source.path, line, str(error)) from None
        yield line, document


def _cells(text: str, ids: Ids) -> dict[str, str | list[str]]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise FieldInvalid("not valid JSON") from None
    if not isinstance(row, dict):
        raise FieldInvalid("not a JSON object")
    if isinstance(row.get("messages"), list):
        row = _exchange(row["messages"], ids)
    if missing := [name for name in REQUIRED if name not in row]:
        raise FieldInvalid(f"the object lacks {', '.join(missing)}")
    return {name: _cell(name, row[name]) for name in _FIELDS if row.get(name) is not None}


def _exchange(messages: list[object], ids: Ids) -> dict[str, object]:
    """The last question and answer of a recorded exchange."""
    turns = [turn for turn in messages if isinstance(turn, dict)]
    said = {str(turn.get("role")): turn.get("content") for turn in turns}
    question, answer = said.get("user"), said.get("assistant")
    if not (isinstance(question, str) and isinstance(answer, str)):
        raise FieldInvalid("messages hold no text of a user and of an assistant")
    return {"id": ids.new(digest(question.strip())), "question": question, "answer": answer}


def _cell(name: str, value: object) -> str | list[str]:
    if isinstance(value, str):
        return value
    if name == "id" and type(value) is int:
        return str(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    raise FieldInvalid(f"{name} is neither text nor a list of texts")
