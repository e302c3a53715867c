"""One network on its way through its epochs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Protocol

import numpy as np
import torch

from chatbot.adapters.intent_network import IntentNetwork, IntentOutput
from knowledge_base.allocation import trim
from training.arithmetic import gradient_scaler
from training.averaging import Average
from training.batching import Batch
from training.checkpoint import Checkpoint
from training.optimiser import build_optimiser, build_schedule
from training.processes import Team
from training.recipe import Recipe
from training.shards import Shards, sharded


class Plan(Protocol):
    """What an epoch consists of."""

    @property
    def epochs(self) -> int: ...

    @property
    def batches_per_epoch(self) -> int: ...

    @property
    def splits(self) -> bool:
        """Whether the loss of a batch is the mean of the losses of its parts, and not of its
        rows among one another."""
        ...

    @property
    def draws(self) -> bool:
        """Whether the loss draws random numbers. Threads would race for them, and the same seed
        would no longer give the same weights."""
        ...

    def batches(self, epoch: int, generator: np.random.Generator) -> Iterator[Batch]: ...

    def loss(self, network: IntentNetwork, batch: Batch) -> torch.Tensor: ...

    def read(self, network: IntentNetwork, batch: Batch) -> IntentOutput: ...

    def judge(self, output: IntentOutput, targets: torch.Tensor) -> torch.Tensor:
        """The loss of what was read."""
        ...


@dataclass(frozen=True)
class Ears:
    """Who is told how it goes."""

    after_step: Callable[[float], None]
    """The mean loss over the rows of the step."""
    after_epoch: Callable[[], bool]
    """Whether to go on; the network has its averaged weights on meanwhile."""
    resumed: Callable[[int], None] = lambda steps: None
    """How many steps lie behind, where a checkpoint was continued."""


class Course:
    def __init__(
        self, network: IntentNetwork, recipe: Recipe, plan: Plan, *, seed: int, team: Team
    ) -> None:
        self._network, self._recipe, self._plan, self._team = network, recipe, plan, team
        self._trained: list[torch.Tensor] = [
            weight for weight in network.parameters() if weight.requires_grad
        ]
        self._optimiser = build_optimiser(network, recipe)
        self._steps_per_epoch = steps_of(plan.batches_per_epoch, recipe)
        self._schedule = build_schedule(
            self._optimiser,
            steps=plan.epochs * self._steps_per_epoch,
            warmup_share=recipe.warmup_share,
        )
        self._average = Average(network, decay=recipe.averaging)
        self._scaler = gradient_scaler(recipe.precision, team.device)
        self._generator = np.random.default_rng(seed)
        self._seed = seed
        self._epoch, self._steps = 0, 0
        self._epoch_began = self._generator.bit_generator.state

    def run(self, ears: Ears, checkpoint: Checkpoint | None = None) -> None:
        """To the end, from where the checkpoint is. The caller's random state is left alone."""
        device = self._team.device
        split = not self._plan.draws and device.type == "cpu"
        devices = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), sharded(self._network, split=split) as shards:
            torch.manual_seed(self._seed + self._team.rank)
            if checkpoint is not None:
                checkpoint.load(course=self)
                ears.resumed(self._epoch * self._steps_per_epoch + self._steps)
            while self._epoch < self._plan.epochs:
                self._run_epoch(shards, ears, checkpoint)
                with self._average.worn(), shards.resting():
                    enough = self._team.any(not ears.after_epoch())
                self._epoch = self._plan.epochs if enough else self._epoch + 1
                self._steps = 0
                self._epoch_began = self._generator.bit_generator.state
                # Batches of ever other widths leave holes: half a gigabyte an epoch. To look for
                # cycles among all objects of a process would take longer than a small epoch.
                trim()
                if checkpoint is not None:
                    checkpoint.save(course=self)
        self._average.settle()
        self._optimiser.zero_grad()

    def _run_epoch(self, shards: Shards, ears: Ears, checkpoint: Checkpoint | None) -> None:
        shards.train(True)
        batches = self._plan.batches(self._epoch, self._generator)
        groups = iter(lambda: list(islice(batches, self._recipe.accumulation)), [])
        for group in islice(groups, self._steps, None):
            heard = self._step(shards, group)
            self._steps += 1
            ears.after_step(heard)
            if checkpoint is not None:
                checkpoint.stop_if_asked(course=self)

    def _step(self, shards: Shards, group: list[Batch]) -> float:
        rows = sum(len(batch.numbers) for batch in group)
        heard = 0.0
        for place, batch in enumerate(group):
            # What cannot be split every process does as a whole, and their mean counts.
            part, share = (
                self._team.part(batch) if self._plan.splits else (batch, 1 / self._team.size)
            )
            learn = (
                partial(shards.gradients, loss=self._plan.loss)
                if self._plan.splits or len(shards.replicas) == 1
                else partial(
                    shards.gradients_together, read=self._plan.read, judge=self._plan.judge
                )
            )
            heard += learn(
                part.to(self._team.device),
                weight=share * len(batch.numbers) / rows,
                scaler=self._scaler,
                added=place > 0,
            )
        heard = self._team.add_up(self._trained, heard)
        self._scaler.unscale_(self._optimiser)
        _clip(shards, self._trained, self._recipe.clip_norm)
        scale = self._scaler.get_scale()
        with shards.resting():
            self._scaler.step(self._optimiser)
        self._scaler.update()
        # A smaller scale means that the gradients overflowed and the step was left out.
        if self._scaler.get_scale() >= scale:
            self._schedule.step()
        self._average.follow(shards.spread)
        return heard

    def state(self) -> dict[str, Any]:
        device = self._team.device
        noise = [torch.get_rng_state()]
        if device.type == "cuda":
            noise.append(torch.cuda.get_rng_state(device))
        return {
            "weights": [weight.detach() for weight in self._trained],
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "average": self._average.state(),
            "scaler": self._scaler.state_dict(),
            "epoch": self._epoch,
            "steps": self._steps,
            # As text: its numbers are wider than the format of the file allows for.
            "epoch_began": json.dumps(self._epoch_began),
            "noise": self._team.gather(noise),
        }

    @torch.no_grad()
    def restore(self, state: Mapping[str, Any]) -> None:
        torch._foreach_copy_(self._trained, state["weights"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self._average.restore(state["average"])
        if self._scaler.is_enabled():
            self._scaler.load_state_dict(state["scaler"])
        self._epoch, self._steps = state["epoch"], state["steps"]
        self._epoch_began = json.loads(state["epoch_began"])
        self._generator.bit_generator.state = self._epoch_began
        noise = state["noise"][self._team.rank]
        torch.set_rng_state(noise[0].cpu())
        if self._team.device.type == "cuda":
            torch.cuda.set_rng_state(noise[1].cpu(), self._team.device)


def _clip(shards: Shards, weights: list[torch.Tensor], most: float) -> None:
    """`torch.nn.utils.clip_grad_norm_`, on several threads."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    norms = [norm for part in shards.spread(_norms, gradients) for norm in part]
    factor = (most / (torch.linalg.vector_norm(torch.stack(norms)) + 1e-6)).clamp(max=1.0)
    shards.spread(lambda part: torch._foreach_mul_(part, factor), gradients)


def _norms(gradients: list[torch.Tensor]) -> list[torch.Tensor]:
    return list(torch._foreach_norm(gradients))


def steps_of(batches: int, recipe: Recipe) -> int:
    return -(-batches // recipe.accumulation)
