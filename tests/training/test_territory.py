from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chatbot.adapters.intent_directory import read_directory
from tests.tiny_encoder import RECIPE, toy_rows, write_csv, write_encoder
from training.intent import TrainingOrder, train_intent
from training.recipe import Recipe, read_recipes
from training.territory import survey

OPTIONS = "mahalanobis = true\nneighbours = 3\n"


@pytest.fixture
def recipe() -> Recipe:
    return read_recipes().recipe(base="e5", few_shot=False)


def _clouds(*, stretch: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Two intents with much spread along the first direction and little along the second."""
    random = np.random.default_rng(1)
    targets = np.arange(400) % 2
    places = np.array([[0.0, -1.0], [0.0, 1.0]])
    return places[targets] + random.normal(size=(400, 2)) * (stretch, 0.1), targets


def test_nothing_is_surveyed_that_the_recipe_does_not_ask_for(recipe: Recipe) -> None:
    rows, targets = _clouds(stretch=1.0)
    assert survey(rows, targets, classes=2, recipe=recipe) is None
    only_near = survey(rows, targets, classes=2, recipe=replace(recipe, neighbours=2))
    assert only_near is not None
    assert set(only_near.signals(rows)) == {"neighbour"}


def test_whitened_rows_have_the_same_spread_in_every_direction(recipe: Recipe) -> None:
    rows, targets = _clouds(stretch=0.5)
    territory = survey(rows, targets, classes=2, recipe=replace(recipe, mahalanobis=True))
    assert territory is not None
    white = (rows - territory.means[targets]) @ territory.whitening
    assert np.cov(white.T) == pytest.approx(np.eye(2), abs=0.15)


def test_fewer_rows_than_directions_give_finite_distances(recipe: Recipe) -> None:
    random = np.random.default_rng(2)
    rows = random.normal(size=(6, 32))
    both = replace(recipe, mahalanobis=True, neighbours=2)
    territory = survey(rows, np.arange(6) % 3, classes=3, recipe=both)
    assert territory is not None
    for values in territory.signals(random.normal(size=(5, 32)) * 10).values():
        assert np.isfinite(values).all()
        assert (values > 0).all()


@pytest.mark.parametrize("outside", [0, 20])
@pytest.mark.parametrize("count", [3, 20])
def test_a_trained_model_takes_its_territory_along(
    tmp_path: Path, outside: int, count: int
) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE.replace("[few_shot]", OPTIONS + "[few_shot]"))
    order = TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows(count, outside=outside)),
        out=tmp_path / "model",
        base=str(write_encoder(tmp_path / "tiny")),
        recipe=path,
        epochs=1,
    )
    train_intent(order, models_home=tmp_path)
    scorer = read_directory(order.out).scorer
    assert scorer.territory is not None
    assert scorer.territory.neighbours == 3
    assert {"mahalanobis", "neighbour"} <= set(scorer.calibration.out_of_scope.weights)
    labels = len(scorer.labels)
    result = scorer.read(np.zeros((1, labels)), np.ones((1, scorer.centroids.shape[1])))[0]
    assert 0 <= result.out_of_scope <= 1
