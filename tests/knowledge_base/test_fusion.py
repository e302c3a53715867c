from __future__ import annotations

import numpy as np

from knowledge_base.dense import Similarities
from knowledge_base.fusion import FEATURES, Evidence, features


def _column(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


def _evidence(**changes: object) -> Evidence:
    given: dict[str, object] = {
        "similarities": Similarities(
            text=_column(0.9, 0.8, 0.7),
            nearest=_column(0.6, 0.8, 0.7),
            average=_column(0, 0.8, 0.7),
        ),
        "lexical": _column(0.2, 0.1, 0),
        "coverage": _column(0.5, 0.2, 0),
        "hint": _column(0.7, 0.2, 0),
        "hinted": np.array([True, True, False]),
        "rivals": ~np.eye(3, dtype=np.bool_),
    }
    return Evidence(**given | changes)  # type: ignore[arg-type]


def _of(evidence: Evidence, name: str) -> list[float]:
    return [round(float(value), 4) for value in features(evidence)[:, FEATURES.index(name)]]


def test_the_similarity_is_the_mean_over_text_nearest_and_average_question() -> None:
    assert _of(_evidence(), "dense") == [0.5, 0.8, 0.7]
    assert _of(_evidence(), "background") == [0.6667] * 3


def test_margins_are_taken_to_the_best_rival() -> None:
    assert _of(_evidence(), "margin") == [-0.3, 0.1, -0.1]
    assert _of(_evidence(), "lexical_margin") == [0.1, -0.1, -0.2]


def test_a_translation_is_no_rival() -> None:
    rivals = ~np.eye(3, dtype=np.bool_)
    rivals[0, 1] = rivals[1, 0] = False
    assert _of(_evidence(rivals=rivals), "margin") == [-0.2, 0.1, -0.1]


def test_without_any_rival_there_is_no_margin() -> None:
    rivals = np.zeros((3, 3), dtype=np.bool_)
    assert _of(_evidence(rivals=rivals), "margin") == [0, 0, 0]


def test_a_candidate_no_hint_speaks_of_is_neither_favoured_nor_punished() -> None:
    assert _of(_evidence(), "hint") == [0.8473, -1.3863, 0]
    assert _of(_evidence(), "hint_margin") == [0.5, -0.5, 0]
    assert _of(_evidence(), "hinted") == [1, 1, 0]


def test_certain_hints_stay_finite() -> None:
    assert np.isfinite(features(_evidence(hint=_column(1, 0, 0)))).all()
