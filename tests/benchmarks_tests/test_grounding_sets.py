"""The labelled sentences of the grounding check, and its figures on the development set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.grounding import (
    DATA,
    LANGUAGES,
    SETS,
    caught_and_rejected,
    judge,
    read_rows,
)

ROOT = Path(__file__).parent.parent.parent
RULES = ("chatbot", "knowledge_base", "training", "privacy", "web")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SETS)
def test_a_set_is_well_formed(name: str, language: str) -> None:
    rows = read_rows(name, language)
    assert len({row.id for row in rows}) == len(rows)
    assert {row.language for row in rows} == {language}
    assert all(row.passages and row.sentence.strip() and row.kind for row in rows)
    assert all(passage.text.strip() for row in rows for passage in row.passages)
    assert {type(row.supported) for row in rows} == {bool}
    assert min(sum(row.supported for row in rows), sum(not row.supported for row in rows)) >= 40
    assert "SPDX-License-Identifier" in (DATA / f"{name}.license").read_text(encoding="utf-8")


def test_three_hundred_sentences_are_held_out() -> None:
    assert sum(len(read_rows("held_out", language)) for language in LANGUAGES) >= 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_held_out_set_shares_no_passage_with_the_development_set(language: str) -> None:
    known = {each.text for row in read_rows("development", language) for each in row.passages}
    held_out = {each.text for row in read_rows("held_out", language) for each in row.passages}
    assert known.isdisjoint(held_out)


def test_no_rule_reads_the_sets_or_quotes_a_held_out_sentence() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for folder in RULES
        for pattern in ("*.py", "*.toml")
        for path in (ROOT / folder).rglob(pattern)
    ]
    sentences = [row.sentence for language in LANGUAGES for row in read_rows("held_out", language)]
    assert not [text for text in texts if "data/grounding" in text or "held_out.en" in text]
    assert not [sentence for sentence in sentences for text in texts if sentence in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_check_keeps_its_figures_on_the_development_set(language: str) -> None:
    caught, rejected = caught_and_rejected(judge(read_rows("development", language)))
    assert caught >= 0.95
    assert rejected <= 0.05
