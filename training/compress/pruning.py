"""Whole feed-forward neurons and whole layers leave a network; what stays is an ordinary one.

A neuron counts for what the loss would change without it, to first order: its activation times the
loss's slope there (Molchanov et al. 2019, arXiv 1906.10771). What leaves is a neuron's deviation
from its mean, for the mean itself moves into the bias of the next matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import torch
from torch import nn
from torch.nn import functional

from chatbot.adapters.intent_network import IntentNetwork
from training.batching import Batch, Examples, batch_of

BATCH_ROWS = 64
SMOOTHING = 0.1
"""Of the loss whose slope counts: without it the rows that are learnt by heart would have none."""
MULTIPLE = 8
"""Widths are multiples of it, which is what vector instructions like."""

_NEURONS, _INNER, _OUTER = "intermediate", "intermediate.dense", "output.dense"


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
    gone = torch.ones_like(mean, dtype=torch.bool)
    gone[kept] = False
    inner, outer = (layer.get_parameter(f"{name}.weight") for name in (_INNER, _OUTER))
    bias = layer.get_parameter(f"{_OUTER}.bias") + outer[:, gone] @ mean[gone]
    layer.set_submodule(_INNER, _linear(inner[kept], layer.get_parameter(f"{_INNER}.bias")[kept]))
    layer.set_submodule(_OUTER, _linear(outer[:, kept], bias))


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    made.weight, made.bias = (nn.Parameter(value.detach().clone()) for value in (weight, bias))
    return made


@torch.no_grad()
def _means(
    network: IntentNetwork, examples: Examples, advance: Callable[[int], None]
) -> list[torch.Tensor]:
    """(width,) a layer: the mean activation over all tokens."""
    width = int(network.config.intermediate_size)
    totals = [torch.zeros(width, device=network.device) for _ in network.bert.encoder.layer]
    tokens = 0
    for batch in _batches(network, examples, advance):
        _, states = _read(network, batch)
        mask = batch.attention_mask.unsqueeze(-1)  # (b, t, 1)
        tokens += int(mask.sum())
        for total, state in zip(totals, states, strict=True):
            total += (state * mask).sum(dim=(0, 1))
    return [total / tokens for total in totals]


def _worth(
    network: IntentNetwork,
    examples: Examples,
    means: Sequence[torch.Tensor],
    advance: Callable[[int], None],
) -> list[torch.Tensor]:
    """(width,) a layer: how much a row's loss hangs on each neuron, summed over the rows."""
    worth = [torch.zeros_like(mean) for mean in means]
    for batch in _batches(network, examples, advance):
        logits, states = _read(network, batch)
        loss = functional.cross_entropy(
            logits, batch.targets, label_smoothing=SMOOTHING, reduction="sum"
        )
        slopes = torch.autograd.grad(loss, states)
        for value, state, slope, mean in zip(worth, states, slopes, means, strict=True):
            # Padding has no slope: nothing attends to it, and the sentence's mean leaves it out.
            value += ((state.detach() - mean) * slope).sum(dim=1).abs().sum(dim=0)
    return worth


def _batches(
    network: IntentNetwork, examples: Examples, advance: Callable[[int], None]
) -> Iterator[Batch]:
    network.train(False)
    order = sorted(range(len(examples)), key=lambda number: len(examples.rows[number]))
    for start in range(0, len(order), BATCH_ROWS):
        numbers = order[start : start + BATCH_ROWS]
        yield batch_of(examples, numbers, network.config.pad_token_id).to(network.device)
        advance(len(numbers))


def _read(network: IntentNetwork, batch: Batch) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """(b, labels), and (b, t, width) a layer: what its neurons hand on."""
    states: list[torch.Tensor] = []

    def keep(_module: nn.Module, _given: object, state: torch.Tensor) -> None:
        states.append(state)

    with ExitStack() as hooks:
        for layer in network.bert.encoder.layer:
            hooks.callback(layer.get_submodule(_NEURONS).register_forward_hook(keep).remove)
        output = network(batch.input_ids, batch.attention_mask)
    return output.logits, states
