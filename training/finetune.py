"""The two stages that change a network: pulling intents together, and learning to name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from chatbot.adapters.intent_network import IntentNetwork, IntentOutput
from training.arithmetic import products
from training.batching import Batch, Examples, shuffled_batches
from training.checkpoint import Checkpoint
from training.contrastive import class_batch_count, class_batches
from training.course import Course, Ears, steps_of
from training.objective import Objective
from training.optimiser import freeze
from training.processes import Team
from training.recipe import Recipe
from training.trunk import Trunk

Variants = Callable[[int], Examples]
"""The rows as they are read in an epoch (from 0): as many, with the same targets."""


def steps_for(examples: Examples, recipe: Recipe) -> int:
    return recipe.epochs * steps_of(_Naming.batch_count(examples, recipe), recipe)


def contrastive_steps_for(examples: Examples, recipe: Recipe) -> int:
    return recipe.contrastive_epochs * steps_of(_by_class(examples, recipe), recipe)


def fine_tune(
    network: IntentNetwork,
    examples: Examples,
    recipe: Recipe,
    *,
    seed: int,
    ears: Ears,
    outside: int | None = None,
    variants: Variants | None = None,
    team: Team | None = None,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train in place with cross-entropy and whatever the recipe puts beside it.

    `outside` is the target that stands for out of scope, where it is a class.
    """
    _prepare(network, recipe)
    objective = Objective.of(
        recipe, examples, labels=network.classifier.out_features, outside=outside
    )
    plan = _Naming(network, _Lessons(network, recipe, examples, variants), objective)
    Course(network, recipe, plan, seed=seed, team=team or Team()).run(ears, checkpoint)


def pull_together(
    network: IntentNetwork,
    examples: Examples,
    recipe: Recipe,
    *,
    seed: int,
    ears: Ears,
    outside: int | None = None,
    variants: Variants | None = None,
    team: Team | None = None,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Train the encoder in place with the contrastive loss alone; the head stays as it is."""
    _prepare(network, recipe)
    rate = recipe.encoder_learning_rate * recipe.contrastive_rate
    recipe = replace(recipe, encoder_learning_rate=rate)
    objective = Objective(recipe, outside, None)
    plan = _Pulling(network, _Lessons(network, recipe, examples, variants), objective)
    Course(network, recipe, plan, seed=seed, team=team or Team()).run(ears, checkpoint)


class _Lessons:
    """The rows of the epoch at hand, and the way through the network."""

    def __init__(
        self,
        network: IntentNetwork,
        recipe: Recipe,
        examples: Examples,
        variants: Variants | None,
    ) -> None:
        self.network, self.recipe, self.examples = network, recipe, examples
        self._variants = variants
        # With variants each epoch has its own states, and nothing is computed ahead.
        self._trunk = self._trunk_of(examples if variants is None else examples.take([]))

    @property
    def draws(self) -> bool:
        return self.recipe.dropout > 0 or self.recipe.head_dropout > 0

    def open(self, epoch: int) -> Examples:
        if self._variants is not None:
            self.examples = self._variants(epoch)
            self._trunk = self._trunk_of(self.examples)
        return self.examples

    def read(self, network: IntentNetwork, batch: Batch) -> IntentOutput:
        with products(self.recipe.precision, network.device):
            states = self._trunk.states(network, batch)
            return network.finish(states, batch.attention_mask, layers=self._trunk.layers)

    def _trunk_of(self, examples: Examples) -> Trunk:
        return Trunk(
            self.network,
            examples,
            layers=_settled_layers(self.recipe),
            precision=self.recipe.precision,
        )

    def by_class(self, examples: Examples, generator: np.random.Generator) -> Iterator[Batch]:
        return class_batches(
            examples,
            self.recipe.contrastive_classes,
            per_class=self.recipe.contrastive_examples,
            padding_id=self.network.config.pad_token_id,
            generator=generator,
        )


class _Naming:
    def __init__(self, network: IntentNetwork, lessons: _Lessons, objective: Objective) -> None:
        self._lessons, self._objective = lessons, objective
        self._recipe = lessons.recipe
        self._padding_id = network.config.pad_token_id
        self.epochs = self._recipe.epochs
        self.batches_per_epoch = self.batch_count(lessons.examples, self._recipe)
        self.splits = not self._recipe.contrastive_weight
        self.draws = lessons.draws

    @staticmethod
    def batch_count(examples: Examples, recipe: Recipe) -> int:
        if recipe.contrastive_weight:
            return _by_class(examples, recipe)
        return -(-len(examples) // recipe.batch_rows)

    def batches(self, epoch: int, generator: np.random.Generator) -> Iterator[Batch]:
        examples = self._lessons.open(epoch)
        if self._recipe.contrastive_weight:
            return self._lessons.by_class(examples, generator)
        return shuffled_batches(
            examples, self._recipe.batch_rows, padding_id=self._padding_id, generator=generator
        )

    def loss(self, network: IntentNetwork, batch: Batch) -> torch.Tensor:
        output = self.read(network, batch)
        if self._recipe.consistency_weight:
            again = self.read(network, batch)
            return self._objective.twice(output, again, batch.targets)
        return self.judge(output, batch.targets)

    def read(self, network: IntentNetwork, batch: Batch) -> IntentOutput:
        return self._lessons.read(network, batch)

    def judge(self, output: IntentOutput, targets: torch.Tensor) -> torch.Tensor:
        return self._objective(output, targets)


class _Pulling:
    splits = False

    def __init__(self, network: IntentNetwork, lessons: _Lessons, objective: Objective) -> None:
        self._lessons, self._objective = lessons, objective
        self.epochs = lessons.recipe.contrastive_epochs
        self.batches_per_epoch = _by_class(lessons.examples, lessons.recipe)
        self.draws = lessons.draws

    def batches(self, epoch: int, generator: np.random.Generator) -> Iterator[Batch]:
        return self._lessons.by_class(self._lessons.open(epoch), generator)

    def loss(self, network: IntentNetwork, batch: Batch) -> torch.Tensor:
        return self.judge(self.read(network, batch), batch.targets)

    def read(self, network: IntentNetwork, batch: Batch) -> IntentOutput:
        return self._lessons.read(network, batch)

    def judge(self, output: IntentOutput, targets: torch.Tensor) -> torch.Tensor:
        return self._objective.contrastive(output, targets)


def _by_class(examples: Examples, recipe: Recipe) -> int:
    return class_batch_count(examples, recipe.contrastive_classes, recipe.contrastive_examples)


def _settled_layers(recipe: Recipe) -> int:
    """How many layers give the same states in every epoch."""
    return recipe.frozen_layers if recipe.freeze_embeddings else 0


def _prepare(network: IntentNetwork, recipe: Recipe) -> None:
    freeze(network, recipe)
    for module in network.bert.modules():
        if isinstance(module, nn.Dropout):
            module.p = recipe.dropout
    network.dropout.p = recipe.head_dropout
