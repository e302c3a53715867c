from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from chatbot.adapters.intent_network import IntentOutput
from training.batching import Examples
from training.objective import Objective, symmetric_divergence
from training.recipe import Recipe, read_recipes

TARGETS = torch.tensor([0] * 8 + [1] * 2 + [2] * 2)
EXAMPLES = Examples([[1]] * 12, TARGETS.numpy())
OUTSIDE = 2


@pytest.fixture
def recipe() -> Recipe:
    return read_recipes().recipe(base="minilm", few_shot=False)


@pytest.fixture
def output() -> IntentOutput:
    torch.manual_seed(1)
    return IntentOutput(torch.randn(12, 3), torch.randn(12, 4))


def _objective(recipe: Recipe) -> Objective:
    return Objective.of(recipe, EXAMPLES, labels=3, outside=OUTSIDE)


def test_without_options_it_is_the_plain_cross_entropy(
    recipe: Recipe, output: IntentOutput
) -> None:
    expected = functional.cross_entropy(output.logits, TARGETS)
    plain = replace(recipe, label_smoothing=0.0)
    assert torch.equal(_objective(plain)(output, TARGETS), expected)


def test_balance_weighs_a_class_by_the_inverse_root_of_its_rows(recipe: Recipe) -> None:
    weights = _objective(replace(recipe, class_balance=0.5)).weights
    assert weights is not None
    assert float(weights[1] / weights[0]) == pytest.approx(2.0)
    assert float(weights[TARGETS].mean()) == pytest.approx(1.0)


def test_out_of_scope_rows_have_a_weight_of_their_own(recipe: Recipe) -> None:
    weights = _objective(replace(recipe, out_of_scope_weight=3.0)).weights
    assert weights is not None
    assert float(weights[OUTSIDE] / weights[1]) == pytest.approx(3.0)
    assert float(weights[1]) == pytest.approx(float(weights[0]))


def test_a_weighted_loss_is_the_same_however_the_batch_is_cut(
    recipe: Recipe, output: IntentOutput
) -> None:
    objective = _objective(replace(recipe, class_balance=0.5, label_smoothing=0.1))
    whole = objective(output, TARGETS)
    parts = [
        objective(IntentOutput(output.logits[rows], output.embedding[rows]), TARGETS[rows])
        for rows in (slice(0, None, 2), slice(1, None, 2))
    ]
    torch.testing.assert_close((parts[0] + parts[1]) / 2, whole)


def test_a_class_without_rows_has_a_finite_weight(recipe: Recipe) -> None:
    objective = Objective.of(replace(recipe, class_balance=0.5), EXAMPLES, labels=5)
    assert objective.weights is not None
    assert bool(torch.isfinite(objective.weights).all())


def test_two_passes_that_agree_cost_nothing_more(recipe: Recipe, output: IntentOutput) -> None:
    objective = _objective(replace(recipe, consistency_weight=5.0))
    torch.testing.assert_close(objective.twice(output, output, TARGETS), objective(output, TARGETS))
    other = IntentOutput(output.logits.flip(1), output.embedding)
    apart = (objective(output, TARGETS) + objective(other, TARGETS)) / 2
    assert float(objective.twice(output, other, TARGETS)) > float(apart)


def test_the_disagreement_is_the_mean_of_both_divergences() -> None:
    one, two = torch.tensor([[0.9, 0.1]]), torch.tensor([[0.5, 0.5]])
    there = float((one * (one / two).log()).sum())
    back = float((two * (two / one).log()).sum())
    assert float(symmetric_divergence(one.log(), two.log())) == pytest.approx((there + back) / 2)


def test_the_contrastive_part_is_added_with_its_weight(
    recipe: Recipe, output: IntentOutput
) -> None:
    plain = _objective(recipe)(output, TARGETS)
    objective = _objective(replace(recipe, contrastive_weight=0.5))
    added = objective(output, TARGETS) - plain
    torch.testing.assert_close(added, 0.5 * objective.contrastive(output, TARGETS))
    assert np.isfinite(float(added))
