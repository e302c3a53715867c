"""Several processes that train one network: `torchrun --no-python kefu train intent …`.

Each works on a part of every batch, the gradients are added up, and so all have the same weights
after every step. The first alone writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import distributed

from training.arithmetic import choose_device
from training.batching import Batch


def leads() -> bool:
    """Whether this is the process that speaks and writes; alone, it is."""
    return not distributed.is_torchelastic_launched() or os.environ["RANK"] == "0"


@dataclass(frozen=True)
class Team:
    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def part(self, batch: Batch) -> tuple[Batch, float]:
        """This process's rows of a batch, and which share of the rows they are."""
        if self.size == 1:
            return batch, 1.0
        rows = len(batch.numbers)
        if self.rank < rows:
            own = batch.part(self.rank, self.size)
            return own, len(own.numbers) / rows
        # More processes than rows: a row that counts nothing keeps the steps together.
        return batch.part(0, rows), 0.0

    def add_up(self, weights: Sequence[torch.Tensor], loss: float) -> float:
        """Every process gets the sum of all gradients; returns the sum of the losses."""
        if self.size == 1:
            return loss
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        heard = torch.tensor([loss], device=self.device)
        together = torch.cat([*(gradient.flatten() for gradient in gradients), heard])
        distributed.all_reduce(together)
        start = 0
        for gradient in gradients:
            gradient.copy_(together[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()
        return float(together[-1])

    def any(self, flag: bool) -> bool:
        """Whether it is so in one of the processes."""
        if self.size == 1:
            return flag
        raised = torch.tensor([int(flag)], device=self.device)
        distributed.all_reduce(raised, op=distributed.ReduceOp.MAX)
        return bool(raised.item())

    def gather(self, value: Any) -> list[Any]:
        """What each process has, by rank."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        distributed.all_gather_object(values, value)
        return values

    def wait(self) -> None:
        if self.size > 1:
            distributed.barrier()


@contextmanager
def team() -> Iterator[Team]:
    """The processes that torchrun started; one of its own without torchrun."""
    # Clusters set some of the same variables for purposes of their own.
    if not distributed.is_torchelastic_launched():
        yield Team(device=choose_device())
        return
    device = choose_device(int(os.environ["LOCAL_RANK"]))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(distributed.get_rank(), distributed.get_world_size(), device)
    finally:
        distributed.destroy_process_group()
