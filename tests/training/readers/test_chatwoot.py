from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.corpus import Problem, read_corpus
from training.errors import CorpusInvalid
from training.readers import Format


def _message(content: str, kind: int | str = 0, **more: Any) -> dict[str, Any]:
    return {"content": content, "message_type": kind, "private": False, **more}


def _talk(number: int, labels: list[str], *messages: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "labels": labels, "messages": list(messages)}


def _write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    return path


TALKS = [
    _talk(
        1,
        ["refund"],
        _message("How can we help?", 1, created_at=1),
        _message("and soon", created_at=3),
        _message("I want my\n money back", created_at=2),
    ),
    _talk(2, [], _message("hello")),
    _talk(3, ["refund", "vip"], _message("refund please")),
    _talk(4, ["track"], _message("seen by agents only", private=True), _message("bot", 3)),
    _talk(5, ["track"], _message("我的手机号是 13800138000", "incoming")),
]


def test_the_first_message_of_the_customer_is_taught_with_the_label(tmp_path: Path) -> None:
    corpus = read_corpus(_write(tmp_path / "talks.json", TALKS))
    assert corpus.format is Format.CHATWOOT
    assert [(row.text, row.intent) for row in corpus.utterances] == [
        ("I want my money back", "refund"),
        ("我的手机号是 <PHONE_NUMBER_1>", "track"),
    ]


def test_conversations_that_teach_nothing_are_said(tmp_path: Path) -> None:
    found = read_corpus(_write(tmp_path / "talks.json", TALKS)).findings
    assert {(one.problem, one.subject) for one in found} >= {
        (Problem.UNLABELLED, "2"),
        (Problem.SEVERAL_LABELS, "3"),
        (Problem.NO_QUESTION, "4"),
        (Problem.MASKED, "5"),
    }


def test_the_answers_of_the_programming_interface_are_read_as_saved(tmp_path: Path) -> None:
    listed = {"data": {"meta": {"all_count": 1}, "payload": [TALKS[0]]}}
    thread = {"meta": {"labels": ["track"]}, "payload": [_message("where is it")]}
    _write(tmp_path / "talks" / "page1.json", listed)
    _write(tmp_path / "talks" / "thread7.json", thread)
    rows = read_corpus(tmp_path / "talks").utterances
    assert [(row.file, row.intent) for row in rows] == [
        ("page1.json", "refund"),
        ("thread7.json", "track"),
    ]


def test_messages_saved_as_csv_are_put_together(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(
        "conversation_id,message_type,content,cached_label_list\n"
        '7,1,Hello,"refund"\n7,0,money back,refund\n7,0,soon,refund\n8,0,where,"track,vip"\n'
    )
    corpus = read_corpus(path)
    assert [(row.text, row.intent, row.line) for row in corpus.utterances] == [
        ("money back", "refund", 3)
    ]
    assert Problem.SEVERAL_LABELS in {one.problem for one in corpus.findings}


@pytest.mark.parametrize("content", [{}, [], [1, "a"], {"data": {"payload": 3}}, {"labels": ["a"]}])
def test_other_json_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(CorpusInvalid, match="holds no Chatwoot conversations"):
        read_corpus(_write(tmp_path / "talks.json", content))
