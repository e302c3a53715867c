"""The training loop: one network, its examples, a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from chatbot.adapters.intent_network import IntentNetwork
from training.batching import Batch, Examples, shuffled_batches
from training.optimiser import build_optimiser, build_schedule, freeze
from training.recipe import Recipe


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
    padding_id = network.config.pad_token_id or 0
    with torch.random.fork_rng(devices=[]), _products(recipe.precision):
        torch.manual_seed(seed)
        for _ in range(recipe.epochs):
            network.train()
            for batch in shuffled_batches(
                examples, recipe.batch_rows, padding_id=padding_id, generator=generator
            ):
                loss = _loss(network, batch, recipe)
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
                optimiser.step()
                schedule.step()
                after_step(loss.item())
            after_epoch()
    network.train(False)


def _loss(network: IntentNetwork, batch: Batch, recipe: Recipe) -> torch.Tensor:
    logits = network(batch.input_ids, batch.attention_mask).logits
    return functional.cross_entropy(logits, batch.targets, label_smoothing=recipe.label_smoothing)


def _set_dropout(network: IntentNetwork, recipe: Recipe) -> None:
    for module in network.bert.modules():
        if isinstance(module, nn.Dropout):
            module.p = recipe.dropout
    network.dropout.p = recipe.head_dropout


@contextmanager
def _products(precision: str) -> Iterator[None]:
    """How exactly matrices are multiplied; everything between the products stays float32.

    `auto` is bfloat16 where the processor has such products in hardware: half the time there,
    much slower elsewhere.
    """
    backend = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    before = backend.fp32_precision
    in_hardware = bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    if precision == "bfloat16" or (precision == "auto" and in_hardware):
        backend.fp32_precision = "bf16"
    try:
        yield
    finally:
        backend.fp32_precision = before
