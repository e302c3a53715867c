"""Token rows in batches of like length, so that little work goes into padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.adapters.intent_network import IntentNetwork
from chatbot.adapters.intent_tokens import pad
from training.abreast import abreast
from training.arithmetic import products

NEIGHBOURHOOD_BATCHES = 20
"""Rows are sorted by length within so many batches: wider saves padding, narrower mixes better."""
INFERENCE_ROWS = 64


@dataclass(frozen=True)
class Examples:
    rows: list[list[int]]
    """Token numbers."""
    targets: NDArray[np.int64]
    """(n,): positions in the label list."""
    texts: tuple[str, ...] = ()
    """What the rows were made of, where it is known."""

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, numbers: Sequence[int]) -> Examples:
        texts = tuple(self.texts[n] for n in numbers) if self.texts else ()
        return Examples([self.rows[n] for n in numbers], self.targets[list(numbers)], texts)

    def at_most(self, per_class: int) -> Examples:
        """So many of each class, spread evenly over its rows."""
        numbers: list[int] = []
        for target in np.unique(self.targets):
            members = np.flatnonzero(self.targets == target)
            places = np.linspace(0, len(members) - 1, min(per_class, len(members)))
            numbers += members[places.round().astype(int)].tolist()
        return self.take(numbers)


@dataclass(frozen=True)
class Batch:
    numbers: list[int]
    """Which examples these are."""
    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    targets: torch.Tensor

    def part(self, start: int, step: int) -> Batch:
        """Every `step`-th row from `start` on, no wider than they need."""
        rows = slice(start, None, step)
        mask = self.attention_mask[rows]
        width = int(mask.sum(dim=1).max())
        return Batch(
            self.numbers[rows], self.input_ids[rows, :width], mask[:, :width], self.targets[rows]
        )

    def to(self, device: torch.device) -> Batch:
        return Batch(
            self.numbers,
            self.input_ids.to(device),
            self.attention_mask.to(device),
            self.targets.to(device),
        )


@dataclass(frozen=True)
class Outputs:
    logits: NDArray[np.float64]
    """(n, labels)"""
    embeddings: NDArray[np.float64]
    """(n, d)"""


def shuffled_batches(
    examples: Examples, size: int, *, padding_id: int | None, generator: np.random.Generator
) -> Iterator[Batch]:
    """Every row once, in batches that come in random order."""
    order = generator.permutation(len(examples))
    span = size * NEIGHBOURHOOD_BATCHES
    groups: list[list[int]] = []
    for start in range(0, len(order), span):
        near = sorted(order[start : start + span], key=lambda n: len(examples.rows[n]))
        groups += [near[k : k + size] for k in range(0, len(near), size)]
    for position in generator.permutation(len(groups)):
        yield batch_of(examples, groups[position], padding_id)


def batch_of(examples: Examples, numbers: list[int], padding_id: int | None) -> Batch:
    ids, mask = padded([examples.rows[n] for n in numbers], padding_id)
    return Batch(numbers, ids, mask, torch.from_numpy(examples.targets[numbers]))


def run_network(
    network: IntentNetwork, rows: Sequence[list[int]], *, precision: str = "float32"
) -> Outputs:
    """Logits and embeddings without dropout, in the order of the rows."""
    network.train(False)
    order = sorted(range(len(rows)), key=lambda n: len(rows[n]))
    logits = np.zeros((len(rows), network.classifier.out_features))
    embeddings = np.zeros((len(rows), network.config.hidden_size))

    def run(start: int) -> None:
        numbers = order[start : start + INFERENCE_ROWS]
        ids, mask = padded([rows[n] for n in numbers], network.config.pad_token_id)
        with torch.inference_mode(), products(precision, network.device):
            output = network(ids.to(network.device), mask.to(network.device))
        logits[numbers] = output.logits.float().cpu().numpy()
        embeddings[numbers] = output.embedding.float().cpu().numpy()

    abreast(run, range(0, len(order), INFERENCE_ROWS), device=network.device)
    return Outputs(logits, embeddings)


def padded(rows: Sequence[list[int]], padding_id: int | None) -> tuple[torch.Tensor, torch.Tensor]:
    """(b, t) token numbers and their mask."""
    ids, mask = pad(rows, padding_id or 0)
    return torch.from_numpy(ids), torch.from_numpy(mask)
