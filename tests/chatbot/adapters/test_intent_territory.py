from __future__ import annotations

import numpy as np
import pytest

from chatbot.adapters.intent_territory import Territory

NOTHING = np.zeros((0, 2))
MEANS = np.array([[1.0, 0.0], [0.0, 1.0]])


def test_a_direction_of_large_spread_counts_less() -> None:
    stretched = Territory(MEANS, np.diag([10.0, 1.0]), NOTHING, neighbours=0)
    signals = stretched.signals(np.array([[0.9, 0.0], [1.0, 0.1]]))
    assert set(signals) == {"mahalanobis"}
    assert signals["mahalanobis"] == pytest.approx([1.0, 0.1])


def test_the_neighbour_is_the_one_that_was_asked_for() -> None:
    rows = np.array([[1.0, 0.0], [0.8, 0.0], [0.0, 0.0]])
    point = np.array([[1.0, 0.0]])
    distances = [
        Territory(MEANS, NOTHING, rows, neighbours=k).signals(point)["neighbour"][0]
        for k in (1, 2, 3, 9)
    ]
    assert distances == pytest.approx([0.0, 0.2, 1.0, 1.0])


def test_a_row_of_the_territory_is_nowhere_else() -> None:
    territory = Territory(MEANS, np.eye(2), MEANS, neighbours=1)
    for values in territory.signals(MEANS).values():
        assert values == pytest.approx([0.0, 0.0], abs=1e-6)
