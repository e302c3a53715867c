"""Sentences of one intent pulled together and pushed away from the others, in batches by class.

Supervised contrastive loss (Khosla et al. 2020, arXiv 2004.11362, the sum outside the logarithm)
on the embeddings themselves, without a projection that would be thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training.batching import Batch, Examples, batch_of


def contrastive_loss(
    embeddings: torch.Tensor,
    targets: torch.Tensor,
    *,
    temperature: float,
    outside: int | None = None,
) -> torch.Tensor:
    """`embeddings` (b, d), of any length. Rows with the target `outside` have nothing in common:
    they are pushed away, and attract nobody. Zero where no two rows belong together."""
    unit = functional.normalize(embeddings.float(), dim=1)
    itself = torch.eye(len(unit), dtype=torch.bool, device=unit.device)
    similarity = (unit @ unit.T / temperature).masked_fill(itself, -torch.inf)
    friends = (targets[:, None] == targets[None, :]) & ~itself
    if outside is not None:
        friends &= (targets != outside)[:, None]
    anchors = friends.any(dim=1)
    if not bool(anchors.any()):
        return unit.sum() * 0.0
    surprise = torch.logsumexp(similarity, dim=1, keepdim=True) - similarity
    pulled = surprise.masked_fill(~friends, 0.0).sum(dim=1)
    return (pulled[anchors] / friends.sum(dim=1)[anchors]).mean()


def class_batch_count(examples: Examples, classes: int, per_class: int) -> int:
    """Batches in an epoch: as many as pass over so many rows as there are."""
    classes = min(classes, len(np.unique(examples.targets)))
    return max(1, -(-len(examples) // (classes * per_class)))


def class_batches(
    examples: Examples,
    classes: int,
    *,
    per_class: int,
    padding_id: int | None,
    generator: np.random.Generator,
) -> Iterator[Batch]:
    """`classes` classes with `per_class` rows each, in turns: small classes come as often as large
    ones. A class with fewer rows gives all it has, never a row twice in a batch."""
    members = {
        int(target): _Turns(np.flatnonzero(examples.targets == target), generator)
        for target in np.unique(examples.targets)
    }
    order = _Turns(np.array(list(members)), generator)
    for _ in range(class_batch_count(examples, classes, per_class)):
        numbers = [n for target in order.next(classes) for n in members[target].next(per_class)]
        yield batch_of(examples, numbers, padding_id)


class _Turns:
    """Deals its values in a random order, and shuffles again when it runs out."""

    def __init__(self, values: NDArray[np.int64], generator: np.random.Generator) -> None:
        self._values = values
        self._generator = generator
        self._left: list[int] = []

    def next(self, count: int) -> list[int]:
        """So many different values, or all."""
        count = min(count, len(self._values))
        dealt = self._left[:count]
        self._left = self._left[count:]
        if len(dealt) < count:
            fresh = [int(v) for v in self._generator.permutation(self._values)]
            late = [value for value in fresh if value not in dealt][: count - len(dealt)]
            self._left = [value for value in fresh if value not in late]
            dealt = dealt + late
        return dealt
