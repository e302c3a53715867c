from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.calibration import Scorer
from knowledge_base.fusion import FEATURES
from training.retriever.judging import moved_background

BACKGROUND = FEATURES.index("background")
SIMILARITIES = st.lists(st.floats(-1, 1, width=16), min_size=2, max_size=20).filter(
    lambda values: max(values) - min(values) > 0.05
)


def _score_at(regression_background: float, values: np.ndarray, moved: bool) -> float:
    regression = Scorer.default().hinted
    if moved:
        regression = moved_background(regression, values, values * 0.5 - 0.2)
    row = np.zeros((1, len(FEATURES)), dtype=np.float32)
    row[0, BACKGROUND] = regression_background
    return float(regression.score(row)[0])


@settings(deadline=None)
@given(SIMILARITIES)
def test_what_a_hint_is_worth_does_not_hang_on_where_similarities_lie(values: list[float]) -> None:
    before = np.array(values, dtype=np.float32)
    for value in before.tolist():
        same = _score_at(value, before, moved=False)
        assert abs(_score_at(value * 0.5 - 0.2, before, moved=True) - same) < 1e-3


def test_an_encoder_that_finds_all_alike_moves_nothing_out_of_reach() -> None:
    before, alike = np.array([0.8, 0.9], np.float32), np.full(3, 0.5, np.float32)
    moved = moved_background(Scorer.default().hinted, before, alike)
    assert np.isfinite([*moved.weights, moved.intercept]).all()
