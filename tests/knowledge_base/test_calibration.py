from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.calibration import Regression, Scorer
from knowledge_base.errors import ScorerInvalid
from knowledge_base.fitting import fit_scorer
from knowledge_base.fusion import FEATURES

HINTED = FEATURES.index("hinted")
TEXT = FEATURES.index("text")


def _rows(count: int = 4000) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Right with the probability that a logistic curve over the text's similarity gives."""
    generator = np.random.default_rng(3)
    rows = generator.normal(size=(count, len(FEATURES))).astype(np.float32)
    rows[:, HINTED] = generator.integers(0, 2, count)
    chances = 1 / (1 + np.exp(1 - 2 * rows[:, TEXT]))
    return rows, generator.random(count) < chances


def test_fitted_scores_are_probabilities() -> None:
    rows, labels = _rows()
    scores = fit_scorer(rows, labels).score(rows)
    for low in np.arange(0, 1, 0.25):
        chosen = (scores >= low) & (scores < low + 0.25)
        assert labels[chosen].mean() == pytest.approx(scores[chosen].mean(), abs=0.06)


def test_more_evidence_never_lowers_a_score() -> None:
    rows, labels = _rows(500)
    scorer = fit_scorer(rows, ~labels)
    assert min(*scorer.hinted.weights, *scorer.unhinted.weights) >= 0


def test_only_right_or_only_wrong_candidates_teach_nothing() -> None:
    rows, labels = _rows(100)
    with pytest.raises(ScorerInvalid, match="no right or no wrong"):
        fit_scorer(rows, np.ones_like(labels))


def test_a_saved_scorer_scores_the_same(tmp_path: Path) -> None:
    rows, labels = _rows(300)
    scorer = fit_scorer(rows, labels, fitted_with="e5")
    scorer.save(tmp_path / "s.json")
    assert Scorer.load(tmp_path / "s.json") == scorer


def test_hints_choose_the_regression() -> None:
    weights = (0.0,) * len(FEATURES)
    scorer = Scorer(hinted=Regression(weights, 30.0), unhinted=Regression(weights, -30.0))
    rows = np.zeros((2, len(FEATURES)), dtype=np.float32)
    rows[0, HINTED] = 1
    assert scorer.score(rows).round().tolist() == [1, 0]


def test_extreme_features_stay_between_zero_and_one() -> None:
    regression = Regression((1e6,) * len(FEATURES), 0.0)
    rows = np.array([[1e6] * len(FEATURES), [-1e6] * len(FEATURES)], dtype=np.float32)
    assert regression.score(rows).tolist() == pytest.approx([1, 0])


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"hinted": {"weights": {"dense": 1}, "intercept": 0}}', '{"hinted": 1}'],
)
def test_a_broken_scorer_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(ScorerInvalid):
        Scorer.load(path)


def test_weights_for_other_features_are_refused(tmp_path: Path) -> None:
    Scorer.default().save(tmp_path / "s.json")
    text = (tmp_path / "s.json").read_text().replace("coverage", "popularity")
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(ScorerInvalid, match="coverage, popularity"):
        Scorer.load(tmp_path / "s.json")
    with pytest.raises(ScorerInvalid, match="2 weights"):
        replace(Scorer.default().hinted, weights=(1.0, 2.0))


def test_the_shipped_scorer_belongs_to_the_shipped_encoder() -> None:
    assert Scorer.default().fitted_with == "e5"
