"""The demo company is big enough to be a demonstration, in both languages alike."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from chatbot.demo.company import BORDERS, KNOWLEDGE, UTTERANCES
from chatbot.policy import GENERIC_INTENTS
from privacy.redaction import redact

OUT_OF_SCOPE = "out_of_scope"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_every_article_exists_in_both_languages_with_questions_and_an_address() -> None:
    rows = _rows(KNOWLEDGE)
    assert len(rows) >= 60
    topics = {language: set() for language in ("en", "zh")}
    for row in rows:
        topics[row["language"]].add(row["tags"])
        assert row["id"] == f"{row['tags'].replace('_', '-')}-{row['language']}"
        assert row["url"] == f"/help/{row['id'][:-3]}?lang={row['language']}"
        assert all(row.values())
    assert topics["en"] == topics["zh"]


@pytest.mark.parametrize("path", UTTERANCES, ids=lambda path: path.name)
def test_every_intent_has_enough_utterances(path: Path) -> None:
    counts = Counter(row["intent"] for row in _rows(path))
    assert counts.pop(OUT_OF_SCOPE) >= 150
    assert len(counts) >= 30
    assert set(counts) >= GENERIC_INTENTS
    assert min(counts.values()) >= 25


def test_every_topic_of_the_knowledge_base_is_an_intent_and_every_other_intent_is_generic() -> None:
    topics = {row["tags"] for row in _rows(KNOWLEDGE)}
    for path in UTTERANCES:
        intents = {row["intent"] for row in _rows(path)}
        assert intents == topics | GENERIC_INTENTS | {OUT_OF_SCOPE}


def test_no_utterance_stands_twice_and_none_holds_personal_data() -> None:
    texts = [row["text"] for path in (*UTTERANCES, *BORDERS) for row in _rows(path)]
    assert len({text.lower() for text in texts}) == len(texts)
    assert [text for text in texts if redact(text) != text] == []
