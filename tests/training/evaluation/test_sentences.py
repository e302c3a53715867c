from __future__ import annotations

import string
from dataclasses import replace

import pytest

from tests.training.evaluation.sample_evaluation import sample_dossier
from training.evaluation.rivalry import Rivalry
from training.evaluation.sentences import (
    evaluation_wording,
    say_coverage,
    say_p,
    say_rivalry,
    summarise,
)
from training.evaluation.significance import compare_paired

ENGLISH, CHINESE = evaluation_wording("en"), evaluation_wording("zh")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_sentences_with_the_same_placeholders() -> None:
    assert ENGLISH.tables.keys() == CHINESE.tables.keys()
    for table, sentences in ENGLISH.tables.items():
        assert sentences.keys() == CHINESE.tables[table].keys()
        for key, text in sentences.items():
            assert _placeholders(text) == _placeholders(CHINESE.tables[table][key]), (table, key)


@pytest.mark.parametrize(
    ("won", "lost", "verdict"),
    [(30, 5, "so it is better"), (5, 30, "so it is worse"), (6, 5, "luck alone explains")],
)
def test_the_verdict_is_the_test_s(won: int, lost: int, verdict: str) -> None:
    first = [True] * won + [False] * lost + [True] * 50
    second = [False] * won + [True] * lost + [True] * 50
    rivalry = Rivalry("other-1", compare_paired(first, second), 0, 0.5)
    sentence = say_rivalry(rivalry, ENGLISH)
    assert verdict in sentence
    assert f"Of the {won + lost} sentences" in sentence
    assert "left out" not in sentence


def test_rows_that_the_other_model_cannot_know_are_told() -> None:
    rivalry = sample_dossier().rivalry
    assert rivalry is not None
    assert "3 sentences were left out" in say_rivalry(rivalry, ENGLISH)
    assert "有 3 个句子未参与比较" in say_rivalry(rivalry, CHINESE)


def test_a_tiny_p_value_is_not_called_nothing() -> None:
    assert say_p(1e-9) == "< 0.001"
    assert say_p(0.04321) == "= 0.043"


def test_what_is_not_defined_is_left_out_of_the_summary() -> None:
    figures = sample_dossier().evaluation.figures
    assert "no intent covers" in summarise(figures, ENGLISH)
    assert "no intent covers" not in summarise(figures | {"oos_recall": None}, ENGLISH)


def test_a_model_without_a_threshold_is_said_to_have_none() -> None:
    coverage = sample_dossier().coverage
    assert "threshold 0.750" in say_coverage(coverage, ENGLISH)
    assert "without an out-of-scope threshold" in say_coverage(
        replace(coverage, threshold=None), ENGLISH
    )
