"""The frozen lower layers of a network: their states are computed once, not once an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from chatbot.adapters.intent_network import IntentNetwork
from training.abreast import abreast
from training.arithmetic import products
from training.batching import INFERENCE_ROWS, Batch, Examples, padded

LARGEST_STORE = 512 * 1024 * 1024
"""Bytes of states that are kept; a larger corpus climbs the layers again for every batch."""


class Trunk:
    """What no step changes, without dropout: embeddings and the lowest `layers` layers."""

    def __init__(
        self, network: IntentNetwork, examples: Examples, *, layers: int, precision: str = "float32"
    ) -> None:
        self.layers = layers
        self._precision = precision
        self._rows: list[torch.Tensor] = []
        tokens = sum(len(row) for row in examples.rows)
        if layers and tokens * network.config.hidden_size * 4 <= LARGEST_STORE:
            self._rows = self._climb_all(network, examples)

    def states(self, network: IntentNetwork, batch: Batch) -> torch.Tensor:
        """(b, t, d); `network` shares the trunk's weights."""
        if self._rows:
            rows = [self._rows[number] for number in batch.numbers]
            return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        if not self.layers:
            return network.lower_states(batch.input_ids, batch.attention_mask, layers=0)
        with _resting(network):
            return self._climb(network, batch.input_ids, batch.attention_mask)

    def _climb_all(self, network: IntentNetwork, examples: Examples) -> list[torch.Tensor]:
        """(t, d) an example, in the order of the examples."""
        order = sorted(range(len(examples)), key=lambda number: len(examples.rows[number]))
        rows: dict[int, torch.Tensor] = {}

        def climb(start: int) -> None:
            numbers = order[start : start + INFERENCE_ROWS]
            ids, mask = padded(
                [examples.rows[number] for number in numbers], network.config.pad_token_id
            )
            states = self._climb(network, ids.to(network.device), mask.to(network.device))
            for place, number in enumerate(numbers):
                rows[number] = states[place, : len(examples.rows[number])].clone()

        with _resting(network):
            abreast(climb, range(0, len(order), INFERENCE_ROWS), device=network.device)
        return [rows[number] for number in range(len(examples))]

    @torch.no_grad()
    def _climb(
        self, network: IntentNetwork, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        with products(self._precision, network.device):
            states = network.lower_states(input_ids, attention_mask, layers=self.layers)
        return states.float()


@contextmanager
def _resting(network: IntentNetwork) -> Iterator[None]:
    """Without dropout."""
    training = network.training
    network.train(False)
    try:
        yield
    finally:
        network.train(training)
