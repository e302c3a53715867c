"""The average of the weights over the last steps: what they circle around, without the circling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from chatbot.adapters.intent_network import IntentNetwork

Spread = Callable[..., object]


class Average:
    """An exponential moving average of the trained weights (Polyak and Juditsky 1992).

    Early on it forgets faster, so that it does not drag the untrained start along.
    """

    def __init__(self, network: IntentNetwork, *, decay: float) -> None:
        self._decay = decay
        self._weights: list[torch.Tensor] = [
            weight for weight in network.parameters() if weight.requires_grad
        ]
        self._averages: list[torch.Tensor] = [weight.detach().clone() for weight in self._weights]
        self._steps = 0

    @torch.no_grad()
    def follow(self, spread: Spread | None = None) -> None:
        """Call after each step; `spread` does a piece of work on stretches of lists at once."""
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))

        @torch.no_grad()
        def move(averages: list[torch.Tensor], weights: list[torch.Tensor]) -> None:
            torch._foreach_lerp_(averages, weights, 1.0 - decay)

        if spread is None:
            move(self._averages, self._weights)
        else:
            spread(move, self._averages, self._weights)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """The network has the averages inside, and its own weights again afterwards."""
        own = [weight.detach().clone() for weight in self._weights]
        self.settle()
        try:
            yield
        finally:
            self._put(own)

    def settle(self) -> None:
        """The averages become the network's weights."""
        self._put(self._averages)

    def state(self) -> dict[str, Any]:
        return {"averages": self._averages, "steps": self._steps}

    @torch.no_grad()
    def restore(self, state: Mapping[str, Any]) -> None:
        torch._foreach_copy_(self._averages, state["averages"])
        self._steps = state["steps"]

    @torch.no_grad()
    def _put(self, values: list[torch.Tensor]) -> None:
        torch._foreach_copy_(self._weights, values)
