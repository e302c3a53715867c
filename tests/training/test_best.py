from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from chatbot.adapters.intent_network import IntentNetwork, load_network
from tests.tiny_encoder import RECIPE, toy_rows, write_csv, write_encoder
from training.batching import Examples
from training.best import BestEpoch
from training.intent import CURVES, TrainingOrder, train_intent

ROWS = Examples([[1, 4, 2], [1, 9, 2], [1, 14, 2]], np.array([0, 0, 0]))


@pytest.fixture
def network(tmp_path: Path) -> IntentNetwork:
    network = load_network(write_encoder(tmp_path / "tiny"), labels=2)
    for weight in network.bert.parameters():
        weight.requires_grad_(False)
    return network


def _answer(network: IntentNetwork, *, first: float) -> None:
    """Every row gets the first label with so large a lead."""
    with torch.no_grad():
        network.classifier.weight.zero_()
        network.classifier.bias.copy_(torch.tensor([first, 0.0]))


def test_patience_ends_after_so_many_epochs_without_a_better_one(network: IntentNetwork) -> None:
    best = BestEpoch(network, ROWS, patience=2)
    seen = []
    for lead in (1.0, 2.0, -1.0, -1.0):
        _answer(network, first=lead)
        best.look()
        seen.append(best.exhausted)
    assert seen == [False, False, False, True]
    best.restore_weights()
    assert float(network.classifier.bias.detach()[0]) == 2.0


def test_without_patience_it_goes_on_for_ever(network: IntentNetwork) -> None:
    best = BestEpoch(network, ROWS)
    _answer(network, first=1.0)
    for _ in range(9):
        best.look()
    assert not best.exhausted


def test_it_reports_accuracy_and_macro_f1(network: IntentNetwork) -> None:
    mixed = Examples(ROWS.rows, np.array([0, 0, 1]))
    _answer(network, first=1.0)
    # Recall 1 and precision 2/3 for the first label, nothing for the second.
    assert BestEpoch(network, mixed).look() == pytest.approx((2 / 3, 0.4))


def test_rows_of_no_label_do_not_count(network: IntentNetwork) -> None:
    mixed = Examples(ROWS.rows, np.array([0, 0, -1]))
    _answer(network, first=1.0)
    assert BestEpoch(network, mixed).look() == pytest.approx((1.0, 1.0))


def test_what_it_remembers_survives_a_checkpoint(network: IntentNetwork) -> None:
    best = BestEpoch(network, ROWS, patience=2)
    for lead in (1.0, -1.0):
        _answer(network, first=lead)
        best.look()
    again = BestEpoch(network, ROWS, patience=2)
    again.restore(best.state())
    again.look()
    assert again.exhausted
    again.restore_weights()
    assert float(network.classifier.bias.detach()[0]) == 1.0


def test_a_recipe_with_patience_ends_a_training_early(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    # Nothing is learned at this rate, so no epoch is better than the first.
    still = RECIPE.replace("learning_rate = 1e-2", "learning_rate = 0.0")
    path.write_text(still.replace("[few_shot]", "patience = 2\n[few_shot]"))
    order = TrainingOrder(
        data=write_csv(tmp_path / "train.csv", toy_rows()),
        out=tmp_path / "model",
        base=str(write_encoder(tmp_path / "encoder")),
        recipe=path,
        epochs=9,
    )
    assert train_intent(order, models_home=tmp_path).epochs == 3
    assert (order.out / CURVES).read_text().count('"macro_f1"') == 3
