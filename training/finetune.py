"""The training loop: one network, its examples, a recipe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from chatbot.adapters.intent_network import IntentNetwork
from training.averaging import Average
from training.batching import Batch, Examples, shuffled_batches
from training.optimiser import build_optimiser, build_schedule, freeze
from training.recipe import Recipe
from training.shards import sharded
from training.trunk import Trunk


def steps_for(examples: Examples, recipe: Recipe) -> int:
    return recipe.epochs * -(-len(examples) // recipe.batch_rows)


def fine_tune(
    network: IntentNetwork,
    examples: Examples,
    recipe: Recipe,
    *,
    seed: int,
    after_step: Callable[[float], None],
    after_epoch: Callable[[], None],
) -> None:
    """Train in place; `after_step` hears the loss. The caller's random state is left alone."""
    freeze(network, recipe)
    _set_dropout(network, recipe)
    optimiser = build_optimiser(network, recipe)
    schedule = build_schedule(
        optimiser, steps=steps_for(examples, recipe), warmup_share=recipe.warmup_share
    )
    generator = np.random.default_rng(seed)
    padding_id = network.config.pad_token_id
    trunk = Trunk(network, examples, layers=_settled_layers(recipe))
    loss = partial(_loss, trunk, recipe)
    average = Average(network, decay=recipe.averaging)
    with (
        torch.random.fork_rng(devices=[]),
        sharded(network, dropout=recipe.dropout > 0 or recipe.head_dropout > 0) as shards,
    ):
        torch.manual_seed(seed)
        for _ in range(recipe.epochs):
            shards.train(True)
            for batch in shuffled_batches(
                examples, recipe.batch_rows, padding_id=padding_id, generator=generator
            ):
                heard = shards.gradients(batch, loss)
                nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
                optimiser.step()
                schedule.step()
                average.follow()
                after_step(heard)
            with average.worn():
                after_epoch()
    average.settle()
    network.train(False)


def _settled_layers(recipe: Recipe) -> int:
    """How many layers give the same states in every epoch."""
    return recipe.frozen_layers if recipe.freeze_embeddings else 0


def _loss(trunk: Trunk, recipe: Recipe, network: IntentNetwork, batch: Batch) -> torch.Tensor:
    with _products(recipe.precision):
        states = trunk.states(network, batch)
        logits = network.finish(states, batch.attention_mask, layers=trunk.layers).logits
    return functional.cross_entropy(
        logits.float(), batch.targets, label_smoothing=recipe.label_smoothing
    )


def _set_dropout(network: IntentNetwork, recipe: Recipe) -> None:
    for module in network.bert.modules():
        if isinstance(module, nn.Dropout):
            module.p = recipe.dropout
    network.dropout.p = recipe.head_dropout


def _products(precision: str) -> torch.autocast:
    """How exactly matrices are multiplied; the weights and their updates stay float32.

    `auto` is bfloat16 where the processor has such products in hardware: half the time there,
    much slower elsewhere.
    """
    in_hardware = bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    halved = precision == "bfloat16" or (precision == "auto" and in_hardware)
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=halved)
