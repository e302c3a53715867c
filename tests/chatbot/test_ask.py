from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.ask import Asked, has_error, read_questions
from chatbot.errors import FileInvalid


def test_questions_and_conversations_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '\ufeff{"id": "a", "question": "怎么退货"}\n\n{"id": 2, "turns": ["hi", "bye"]}\n',
        encoding="utf-8",
    )
    assert read_questions(path) == [
        Asked("a", ("怎么退货",), single=True),
        Asked("2", ("hi", "bye"), single=False),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "7",
        "{}",
        '{"question": 7}',
        '{"turns": []}',
        '{"turns": ["a", 1]}',
        '{"question": "a", "turns": ["b"]}',
        "1" * 5000,
        "[" * 100_000,
    ],
)
def test_a_line_that_asks_nothing_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f'{{"question": "a"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(FileInvalid, match="line 2"):
        read_questions(path)


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match="no such file"):
        read_questions(tmp_path / "q.jsonl")
    (tmp_path / "q.jsonl").write_bytes(json.dumps({"question": "退"}).encode("utf-16"))
    with pytest.raises(FileInvalid, match="UTF-8"):
        read_questions(tmp_path / "q.jsonl")


def test_an_error_counts_wherever_in_a_conversation_it_stands() -> None:
    assert not has_error({"id": "error"})
    assert has_error({"id": "1", "error": "empty"})
    assert has_error({"id": "1", "turns": [{"answer": "a"}, {"error": "empty"}]})
