"""Training with the rounding of the served graph: the scheme of knowledge_base/onnx_graph.py.

Rounding has no slope, so gradients pass as if it were not there (straight-through estimator,
Bengio, Léonard and Courville 2013, arXiv 1308.3432; for networks of integers Jacob et al. 2018,
arXiv 1712.05877). The same matrices and the same activations are rounded as in the graph, and
each token is brought to the same range before the same two products. Products inside the
attention, the norms and the head stay exact there and here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn import functional

from chatbot.adapters.intent_network import IntentNetwork

WEIGHT_LEVELS = 63
"""7 bits, symmetric: levels from -63 to 63."""
STATE_LEVELS = 255
"""8 bits, from the smallest value to the largest, zero among them."""

_WORDS = "embeddings.word_embeddings"
_WHOLE = (
    *(f"attention.self.{role}" for role in ("query", "key", "value")),
    "attention.output.dense",
)
"""Matrices of a layer whose input is rounded as a whole."""
_BY_TOKEN = ("intermediate.dense", "output.dense")
"""Those before which each token is brought to the same range."""


def rounded_weight(weight: torch.Tensor) -> torch.Tensor:
    """(out, in), one scale a row of `out`; or an embedding's (…, d), one scale a token."""
    scale = weight.detach().abs().amax(dim=-1, keepdim=True) / WEIGHT_LEVELS
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return _through(weight, (weight.detach() / scale).round() * scale)


def rounded_states(states: torch.Tensor) -> torch.Tensor:
    """One scale for the whole tensor, taken from what is in it."""
    fixed = states.detach()
    low, high = fixed.amin().clamp(max=0.0), fixed.amax().clamp(min=0.0)
    scale = ((high - low) / STATE_LEVELS).clamp(min=torch.finfo(fixed.dtype).tiny)
    zero = (-low / scale).round()
    levels = ((fixed / scale).round() + zero).clamp(0, STATE_LEVELS)
    return _through(states, (levels - zero) * scale)


@contextmanager
def as_served(network: IntentNetwork) -> Iterator[None]:
    """The network rounds meanwhile as its graph will; its weights are the same parameters."""
    plain = {path: network.bert.get_submodule(path) for path in _places(network)}
    for path, module in plain.items():
        network.bert.set_submodule(path, _rounding(path, module))
    try:
        yield
    finally:
        for path, module in plain.items():
            network.bert.set_submodule(path, module)


class _RoundedLinear(nn.Module):
    def __init__(self, plain: nn.Linear, *, by_token: bool) -> None:
        super().__init__()
        self.weight, self.bias = plain.weight, plain.bias
        self._by_token = by_token

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        weight = rounded_weight(self.weight)
        if not self._by_token:
            return functional.linear(rounded_states(states), weight, self.bias)
        peak = states.detach().abs().amax(dim=-1, keepdim=True)
        peak = peak.clamp(min=torch.finfo(states.dtype).tiny)
        return functional.linear(rounded_states(states / peak) * peak, weight, self.bias)


class _RoundedEmbedding(nn.Module):
    def __init__(self, plain: nn.Embedding) -> None:
        super().__init__()
        self.weight = plain.weight

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        # A scale a row: only the rows that were looked up need rounding.
        return rounded_weight(functional.embedding(ids, self.weight))


def _places(network: IntentNetwork) -> Iterator[str]:
    yield _WORDS
    for number in range(len(network.bert.encoder.layer)):
        for name in (*_WHOLE, *_BY_TOKEN):
            yield f"encoder.layer.{number}.{name}"


def _rounding(path: str, plain: nn.Module) -> nn.Module:
    if isinstance(plain, nn.Linear):
        return _RoundedLinear(plain, by_token=not path.endswith(_WHOLE))
    if isinstance(plain, nn.Embedding):
        return _RoundedEmbedding(plain)
    raise TypeError(f"{path} is a {type(plain).__name__}, which the graph does not round")


def _through(exact: torch.Tensor, rounded: torch.Tensor) -> torch.Tensor:
    return exact + (rounded - exact).detach()
