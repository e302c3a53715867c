"""How a training went, step by step and epoch by epoch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepLine:
    stage: str
    step: int
    """From 1, within the stage."""
    loss: float


@dataclass(frozen=True)
class EpochLine:
    stage: str
    epoch: int
    """From 1, within the stage."""
    step: int
    accuracy: float
    """On the held-out rows of the labels that are trained, as the macro F1 is."""
    macro_f1: float


@dataclass
class Journal:
    """Of one stage."""

    stage: str
    steps: list[StepLine] = field(default_factory=list)
    epochs: list[EpochLine] = field(default_factory=list)
    finished_epochs: int = 0

    def step(self, loss: float) -> None:
        self.steps.append(StepLine(self.stage, len(self.steps) + 1, loss))

    def epoch(self, scores: tuple[float, float] | None) -> None:
        """Accuracy and macro F1, where rows are held out."""
        self.finished_epochs += 1
        if scores is not None:
            step = len(self.steps)
            self.epochs.append(EpochLine(self.stage, self.finished_epochs, step, *scores))

    def state(self) -> dict[str, Any]:
        return {
            "losses": [line.loss for line in self.steps],
            "epochs": [asdict(line) for line in self.epochs],
            "finished": self.finished_epochs,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.steps = [
            StepLine(self.stage, number, loss) for number, loss in enumerate(state["losses"], 1)
        ]
        self.epochs = [EpochLine(**line) for line in state["epochs"]]
        self.finished_epochs = state["finished"]


def json_lines(journals: list[Journal]) -> str:
    """One object a line; an epoch stands after its last step."""
    lines: list[str] = []
    for journal in journals:
        ends = {line.step: line for line in journal.epochs}
        for step in journal.steps:
            lines.append(json.dumps(asdict(step)))
            if step.step in ends:
                lines.append(json.dumps(asdict(ends[step.step])))
    return "".join(f"{line}\n" for line in lines)
