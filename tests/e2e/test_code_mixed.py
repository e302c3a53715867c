"""Sentences in two languages at once, as customers who live in both write them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from chatbot.bootstrap import load_intents
from chatbot.demo.company import BORDERS, UTTERANCES
from chatbot.intent_home import current_intents
from chatbot.settings import Settings
from tests.benchmarks.languages import CODE_MIXED
from training.corpus import read_corpus
from training.evaluation.intent import understand_all
from training.utterance import HAN

LEAST = 0.8


@pytest.mark.models
def test_the_shipped_model_understands_most_code_mixed_sentences(demo_home: Path) -> None:
    directory = current_intents(demo_home / "intents", "demo")
    assert directory is not None
    model = load_intents(directory, Settings(home=demo_home, _env_file=None))
    rows = read_corpus(CODE_MIXED).utterances
    answers = understand_all(model, rows)
    wrong = [
        (row.text, row.intent, one.intent)
        for row, one in zip(rows, answers, strict=True)
        if row.intent != one.intent
    ]
    assert 1 - len(wrong) / len(rows) >= LEAST, wrong


def test_the_code_mixed_sentences_are_mixed_many_and_never_trained_on() -> None:
    rows = read_corpus(CODE_MIXED).utterances
    trained = {row.key for path in (*UTTERANCES, *BORDERS) for row in read_corpus(path).utterances}
    assert len(rows) == 40
    assert len({row.intent for row in rows}) >= 25
    assert min(Counter(row.language for row in rows).values()) >= 15
    for row in rows:
        assert HAN.search(row.text), row.text
        assert any(letter.isascii() and letter.isalpha() for letter in row.text), row.text
        assert row.key not in trained
