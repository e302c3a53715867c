"""What a step of training makes smaller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch.nn import functional

from chatbot.adapters.intent_network import IntentOutput
from training.batching import Examples
from training.contrastive import contrastive_loss
from training.recipe import Recipe


@dataclass(frozen=True)
class Objective:
    recipe: Recipe
    outside: int | None
    """The target that stands for out of scope, where it is a class."""
    weights: torch.Tensor | None
    """(labels,): of each class in the cross-entropy, one on average over the rows."""

    @classmethod
    def of(
        cls, recipe: Recipe, examples: Examples, *, labels: int, outside: int | None = None
    ) -> Self:
        return cls(recipe, outside, _class_weights(recipe, examples, labels, outside))

    def __call__(self, output: IntentOutput, targets: torch.Tensor) -> torch.Tensor:
        """The mean over the rows; the contrastive part is of the batch as a whole."""
        loss = self._cross_entropy(output.logits.float(), targets)
        if self.recipe.contrastive_weight:
            loss = loss + self.recipe.contrastive_weight * self.contrastive(output, targets)
        return loss

    def twice(
        self, first: IntentOutput, second: IntentOutput, targets: torch.Tensor
    ) -> torch.Tensor:
        """Two passes over the same rows must also agree (R-Drop, Liang et al. 2021,
        arXiv 2106.14448)."""
        loss = (self(first, targets) + self(second, targets)) / 2
        disagreement = symmetric_divergence(first.logits.float(), second.logits.float())
        return loss + self.recipe.consistency_weight * disagreement

    def contrastive(self, output: IntentOutput, targets: torch.Tensor) -> torch.Tensor:
        return contrastive_loss(
            output.embedding,
            targets,
            temperature=self.recipe.contrastive_temperature,
            outside=self.outside,
        )

    def _cross_entropy(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        smoothing = self.recipe.label_smoothing
        if self.weights is None:
            return functional.cross_entropy(logits, targets, label_smoothing=smoothing)
        # Weighted row by row: the library's own weighted mean would depend on how a batch is cut.
        losses = functional.cross_entropy(
            logits, targets, label_smoothing=smoothing, reduction="none"
        )
        return (losses * self.weights.to(losses.device)[targets]).mean()


def symmetric_divergence(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Half of both Kullback-Leibler divergences between two tables of logits, mean over rows."""
    one, two = first.log_softmax(dim=1), second.log_softmax(dim=1)
    return ((one.exp() - two.exp()) * (one - two)).sum(dim=1).mean() / 2


def _class_weights(
    recipe: Recipe, examples: Examples, labels: int, outside: int | None
) -> torch.Tensor | None:
    if not recipe.class_balance and recipe.out_of_scope_weight == 1.0:
        return None
    counts = np.bincount(examples.targets, minlength=labels)
    weights = np.maximum(counts, 1.0) ** -recipe.class_balance
    if outside is not None:
        weights[outside] *= recipe.out_of_scope_weight
    return torch.from_numpy(weights * counts.sum() / (weights * counts).sum()).float()
