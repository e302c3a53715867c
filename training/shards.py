"""One batch on several threads: replicas share the weights, each works on a part of the rows.

Splitting the rows keeps two cores busy; splitting every product, which is what the library does
by itself, leaves the second core nearly idle on short sentences.
"""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import accumulate, pairwise
from typing import TypeVar

import torch

from chatbot.adapters.intent_network import IntentNetwork, IntentOutput
from training.abreast import WIDTH, threads_of_products
from training.batching import Batch

FEWEST_ROWS = 8
"""A part; smaller ones are not worth a thread."""

Result = TypeVar("Result")
Loss = Callable[[IntentNetwork, Batch], torch.Tensor]
"""The mean loss over the rows of a batch."""
Read = Callable[[IntentNetwork, Batch], IntentOutput]
Judge = Callable[[IntentOutput, torch.Tensor], torch.Tensor]
"""The loss of a whole batch: what came out, and the targets (b,)."""


class Shards:
    def __init__(self, network: IntentNetwork, *, count: int) -> None:
        self.replicas = [network, *(_replica(network) for _ in range(count - 1))]
        self._trained = [
            [weight for weight in replica.parameters() if weight.requires_grad]
            for replica in self.replicas
        ]
        self._pool = ThreadPoolExecutor(max_workers=count)
        self._threads = torch.get_num_threads()

    def gradients(
        self,
        batch: Batch,
        loss: Loss,
        *,
        weight: float = 1.0,
        scaler: torch.amp.GradScaler | None = None,
        added: bool = False,
    ) -> float:
        """Leave the gradients of the whole batch, times `weight`, in the first network, `added` to
        those that are there or in their place; its mean loss, times `weight`."""
        parts = self._parts(batch)

        def learn(place: int) -> float:
            share = len(parts[place].numbers) / len(batch.numbers) * weight
            value = loss(self.replicas[place], parts[place]) * share
            scaled = value if scaler is None else scaler.scale(value)
            scaled.backward()  # type: ignore[no-untyped-call]
            return value.item()

        self._forget(added)
        losses = list(self._pool.map(learn, range(len(parts))))
        self._sum_up(len(parts))
        return sum(losses)

    def gradients_together(
        self,
        batch: Batch,
        read: Read,
        judge: Judge,
        *,
        weight: float = 1.0,
        scaler: torch.amp.GradScaler | None = None,
        added: bool = False,
    ) -> float:
        """As `gradients`, for a loss that compares the rows with one another: the parts are read
        side by side, judged as one batch, and each learns its share of the verdict (Gao et al.
        2021, arXiv 2101.06983)."""
        parts = self._parts(batch)
        outputs = list(self._pool.map(read, self.replicas, parts))
        leaves = [IntentOutput(*(t.detach().requires_grad_() for t in out)) for out in outputs]
        whole = IntentOutput(*(torch.cat(tensors) for tensors in zip(*leaves, strict=True)))
        value = judge(whole, torch.cat([part.targets for part in parts])) * weight
        self._forget(added)
        (value if scaler is None else scaler.scale(value)).backward()  # type: ignore[no-untyped-call]

        def learn(output: IntentOutput, leaf: IntentOutput) -> None:
            heard = [(o, t.grad) for o, t in zip(output, leaf, strict=True) if t.grad is not None]
            torch.autograd.backward([o for o, _ in heard], [grad for _, grad in heard])

        list(self._pool.map(learn, outputs, leaves))
        self._sum_up(len(parts))
        return value.item()

    def _parts(self, batch: Batch) -> list[Batch]:
        count = max(1, min(len(self.replicas), len(batch.numbers) // FEWEST_ROWS))
        return [batch.part(start, count) for start in range(count)]

    def _forget(self, added: bool) -> None:
        for weights in self._trained[1:] if added else self._trained:
            for trained in weights:
                trained.grad = None

    def _sum_up(self, count: int) -> None:
        own = [trained.grad for trained in self._trained[0] if trained.grad is not None]
        # In this order always, so that the same seed gives the same sums.
        for weights in self._trained[1:count]:
            others = [w.grad for w in weights if w.grad is not None]
            self.spread(torch._foreach_add_, own, others)

    def spread(self, work: Callable[..., Result], *lists: list[torch.Tensor]) -> list[Result]:
        """`work` on as many stretches of the lists as there are replicas, at the same time.

        For what treats each tensor alone: the results are those of one call.
        """
        ends = _even_ends([tensor.numel() for tensor in lists[0]], len(self.replicas))
        stretches = [slice(start, end) for start, end in pairwise((0, *ends)) if start < end]
        return list(self._pool.map(lambda part: work(*(rows[part] for rows in lists)), stretches))

    def resting(self) -> AbstractContextManager[None]:
        """The threads are free for other work."""
        return threads_of_products(self._threads)

    def train(self, mode: bool) -> None:
        for replica in self.replicas:
            replica.train(mode)

    def close(self) -> None:
        self._pool.shutdown()


@contextmanager
def sharded(network: IntentNetwork, *, split: bool) -> Iterator[Shards]:
    """As many parts as there are threads, up to two; without `split`, one."""
    threads = torch.get_num_threads()
    count = min(WIDTH, threads) if split else 1
    shards = Shards(network, count=count)
    with threads_of_products(threads // count):
        try:
            yield shards
        finally:
            shards.close()


def _even_ends(sizes: Sequence[int], parts: int) -> list[int]:
    """Where `parts` stretches of like total size end."""
    running = list(accumulate(sizes))
    total = running[-1] if running else 0
    return [bisect_left(running, total * part / parts) + 1 for part in range(1, parts)] + [
        len(sizes)
    ]


def _replica(network: IntentNetwork) -> IntentNetwork:
    replica = copy.deepcopy(network)
    for weight, own in zip(replica.parameters(), network.parameters(), strict=True):
        weight.data = own.data
    return replica
