"""AdamW with smaller steps near the input, and a learning rate that rises and falls."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from chatbot.adapters.intent_network import IntentNetwork
from training.recipe import Recipe


def freeze(network: IntentNetwork, recipe: Recipe) -> None:
    """Frozen word embeddings keep rare words where the pretraining put them, and save a third."""
    network.bert.embeddings.requires_grad_(not recipe.freeze_embeddings)
    for number, layer in enumerate(network.bert.encoder.layer):
        layer.requires_grad_(number >= recipe.frozen_layers)


def build_optimiser(network: IntentNetwork, recipe: Recipe) -> AdamW:
    """Each layer learns `layer_decay` times as fast as the one above it (Howard and Ruder 2018,
    arXiv 1801.06146); biases and norms are not decayed."""
    layers = list(network.bert.encoder.layer)
    rate = recipe.encoder_learning_rate
    groups = _groups(network.classifier, recipe.head_learning_rate, recipe.weight_decay)
    for height, layer in enumerate(reversed(layers)):
        groups += _groups(layer, rate * recipe.layer_decay**height, recipe.weight_decay)
    bottom = rate * recipe.layer_decay ** len(layers)
    groups += _groups(network.bert.embeddings, bottom, recipe.weight_decay)
    # The fused kernel is several times as fast on a processor.
    return AdamW(groups, fused=True)


def build_schedule(optimiser: AdamW, *, steps: int, warmup_share: float) -> LambdaLR:
    """Linear from zero to full over the warm-up, then linear back to zero."""
    rising = max(1, round(steps * warmup_share))

    def factor(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return max(0.0, (steps - step) / max(1, steps - rising))

    return LambdaLR(optimiser, factor)


def _groups(module: nn.Module, rate: float, decay: float) -> list[dict[str, Any]]:
    trained: list[torch.nn.Parameter] = [p for p in module.parameters() if p.requires_grad]
    matrices = [p for p in trained if p.dim() > 1]
    vectors = [p for p in trained if p.dim() <= 1]
    groups: list[dict[str, Any]] = []
    if matrices:
        groups.append({"params": matrices, "lr": rate, "weight_decay": decay})
    if vectors:
        groups.append({"params": vectors, "lr": rate, "weight_decay": 0.0})
    return groups
