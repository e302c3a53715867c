"""Whole feed-forward neurons and whole layers leave a network; what stays is an ordinary one.

A neuron counts for what the loss would change without it, to first order: its activation times the
loss's slope there (Molchanov et al. 2019, arXiv 1906.10771). What leaves is a neuron's deviation
from its mean, for the mean itself moves into the bias of the next matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import nn
from torch.nn import functional

from chatbot.adapters.intent_network import IntentNetwork
from training.batching import Batch, Examples, batch_of

SAMPLE_ROWS = 64
SMOOTHING = 0.1
"""Of the loss whose slope counts: without it the rows that are learnt by heart would have none."""
MULTIPLE = 8
"""Widths are multiples of it, which is what vector instructions like."""
NARROWEST = 0.1


def narrowed(width: int, share: float) -> int:
    """The number of neurons of `width` that a share leaves."""
    return min(width, max(MULTIPLE, round(width * share / MULTIPLE) * MULTIPLE))


def keep_layers(network: IntentNetwork, count: int, *, lower: bool = True) -> None:
    """The lowest `count` layers stay, or the highest."""
    layers = list(network.bert.encoder.layer)
    kept = layers[:count] if lower else layers[len(layers) - count :]
    network.bert.encoder.layer = nn.ModuleList(kept)
    network.config.num_hidden_layers = count


def prune_neurons(
    network: IntentNetwork,
    examples: Examples,
    share: float,
    *,
    advance: Callable[[int], None] = lambda rows: None,
) -> None:
    """`share` of the neurons of every layer stays; `advance` hears how many rows were read, each
    of them twice. Targets below 0 are left out."""
    known = examples.take([n for n, target in enumerate(examples.targets) if target >= 0])
    means = _means(network, known, advance)
    worth = _worth(network, known, means, advance)
    count = narrowed(int(network.config.intermediate_size), share)
    for layer, mean, value in zip(network.bert.encoder.layer, means, worth, strict=True):
        kept = value.topk(count).indices.sort().values
        _cut(layer, kept, mean)
    network.config.intermediate_size = count


@torch.no_grad()
def _cut(layer: nn.Module, kept: torch.Tensor, mean: torch.Tensor) -> None:
    inner, outer = layer.intermediate.dense, layer.output.dense
    gone = torch.ones(len(mean), dtype=torch.bool, device=mean.device)
    gone[kept] = False
    bias = outer.bias + outer.weight[:, gone] @ mean[gone]
    layer.intermediate.dense = _linear(inner.weight[kept], inner.bias[kept])
    layer.output.dense = _linear(outer.weight[:, kept], bias)


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    made.weight = nn.Parameter(weight.detach().clone())
    made.bias = nn.Parameter(bias.detach().clone())
    return made


@torch.no_grad()
def _means(
    network: IntentNetwork, examples: Examples, advance: Callable[[int], None]
) -> list[torch.Tensor]:
    """(width,) a layer: the mean activation over all tokens."""
    totals, tokens = [torch.zeros(())] * len(network.bert.encoder.layer), 0.0
    for batch, states in _read(network, examples, advance):
        mask = batch.attention_mask.to(network.device)
        tokens += float(mask.sum())
        totals = [
            total.to(mask.device) + (state * mask.unsqueeze(-1)).sum(dim=(0, 1))
            for total, state in zip(totals, states, strict=True)
        ]
    return [total / tokens for total in totals]


def _worth(
    network: IntentNetwork,
    examples: Examples,
    means: Sequence[torch.Tensor],
    advance: Callable[[int], None],
) -> list[torch.Tensor]:
    """(width,) a layer: the mean over the rows of how much a row's loss hangs on the neuron."""
    worth = [torch.zeros_like(mean) for mean in means]
    for batch, states in _read(network, examples, advance):
        loss = _loss(network, states[-1], batch)
        slopes = torch.autograd.grad(loss, states)
        for value, state, slope, mean in zip(worth, states, slopes, means, strict=True):
            # Padding has no slope, for nothing attends to it and the mean leaves it out.
            value += ((state.detach() - mean) * slope).sum(dim=1).abs().sum(dim=0)
    return [value / len(examples) for value in worth]
