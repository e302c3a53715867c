from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from training.corpus import Problem, read_corpus
from training.errors import CorpusInvalid


def _phrase(*pieces: str, template: bool = False) -> dict[str, Any]:
    return {"data": [{"text": piece, "userDefined": False} for piece in pieces],
            "isTemplate": template, "count": 0}  # fmt: skip


AGENT: dict[str, Any] = {
    "agent.json": {"displayName": "shop"},
    "package.json": {"version": "1.0.0"},
    "entities/city.json": {"name": "city"},
    "intents/Track order.json": {"name": "Track: order", "fallbackIntent": False},
    "intents/Track order_usersays_en.json": [
        _phrase("where is ", "order 12"),
        _phrase("@order:number", template=True),
    ],
    "intents/Track order_usersays_zh-cn.json": [_phrase("我的", "订单", "在哪")],
    "intents/Default Fallback Intent.json": {
        "name": "Default Fallback Intent",
        "fallbackIntent": True,
    },
    "intents/Default Fallback Intent_usersays_en.json": [_phrase("sing a song")],
    "intents/Welcome.json": {"name": "Welcome", "events": [{"name": "WELCOME"}]},
}


def _export(path: Path, agent: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in agent.items():
            archive.writestr(name, json.dumps(content, ensure_ascii=False, indent=2))
    return path


def test_an_export_gives_phrases_with_intent_and_language(tmp_path: Path) -> None:
    corpus = read_corpus(_export(tmp_path / "agent.zip", AGENT))
    assert {(row.text, row.intent, row.language) for row in corpus.utterances} == {
        ("where is order 12", "Track: order", "en"),
        ("我的订单在哪", "Track: order", "zh"),
        ("sing a song", "out_of_scope", "en"),
    }


def test_what_is_not_used_is_said_with_its_line(tmp_path: Path) -> None:
    corpus = read_corpus(_export(tmp_path / "agent.zip", AGENT))
    said = {(one.problem, one.line, one.subject) for one in corpus.findings}
    assert said >= {
        (Problem.TEMPLATE, 16, "Track: order"),
        (Problem.FALLBACK, 1, "Default Fallback Intent"),
        (Problem.EMPTY_INTENT, 1, "Welcome"),
    }


def test_the_unpacked_folder_says_the_same(tmp_path: Path) -> None:
    export = _export(tmp_path / "agent.zip", AGENT)
    with zipfile.ZipFile(export) as archive:
        archive.extractall(tmp_path / "agent")
    folder, packed = read_corpus(tmp_path / "agent"), read_corpus(export)
    assert folder.utterances == packed.utterances
    assert folder.sha256 == packed.sha256


@pytest.mark.parametrize(
    ("phrases", "complaint"),
    [
        ({}, "line 1: a Dialogflow file of phrases is a list"),
        ([{"text": "hi"}], "line 2: a Dialogflow file of phrases is a list"),
        ([_phrase("hi"), {"data": ["hi"]}], "line 12: a Dialogflow file of phrases"),
        ([{"data": [{"text": 3}]}], "line 2: text must be a text"),
    ],
)
def test_another_shape_is_refused_with_its_place(
    tmp_path: Path, phrases: Any, complaint: str
) -> None:
    path = _export(tmp_path / "agent.zip", {"intents/A_usersays_en.json": phrases})
    with pytest.raises(CorpusInvalid, match=complaint) as raised:
        read_corpus(path)
    assert "agent.zip/intents/A_usersays_en.json" in str(raised.value)
