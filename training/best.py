"""The epoch that was best on the held-out rows, and whether it is worth waiting for another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from chatbot.adapters.intent_network import IntentNetwork
from chatbot.adapters.intent_scoring import Floats
from training.batching import Examples, run_network


class BestEpoch:
    """Remembers the trained weights of the epoch with the highest accuracy; among equals, with
    the least surprise."""

    def __init__(
        self,
        network: IntentNetwork,
        examples: Examples | None,
        *,
        patience: int = 0,
        precision: str = "float32",
    ) -> None:
        self._network = network
        self._examples = examples
        self._patience = patience
        self._precision = precision
        self._score = (-1.0, -np.inf)
        self._worse_epochs = 0
        self._weights: dict[str, torch.Tensor] = {}

    @property
    def exhausted(self) -> bool:
        return bool(self._patience) and self._worse_epochs >= self._patience

    def look(self) -> tuple[float, float] | None:
        """Accuracy and macro F1; None without held-out rows."""
        if self._examples is None:
            return None
        known = self._examples.targets >= 0
        outputs = run_network(self._network, self._examples.rows, precision=self._precision)
        logits = outputs.logits[known]
        targets = self._examples.targets[known]
        guesses = logits.argmax(axis=1)
        accuracy = float(np.mean(guesses == targets)) if len(targets) else 0.0
        self._compare((accuracy, -_surprise(logits, targets)))
        return accuracy, _macro_f1(targets, guesses)

    def restore_weights(self) -> None:
        if self._weights:
            self._network.load_state_dict(self._weights, strict=False)

    def state(self) -> dict[str, Any]:
        return {
            "score": [float(value) for value in self._score],
            "worse_epochs": self._worse_epochs,
            "weights": self._weights,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        accuracy, confidence = state["score"]
        self._score = (accuracy, confidence)
        self._worse_epochs = state["worse_epochs"]
        self._weights = dict(state["weights"])

    def _compare(self, score: tuple[float, float]) -> None:
        self._worse_epochs += 1
        if score > self._score:
            self._score = score
            self._worse_epochs = 0
            self._weights = {
                name: weight.detach().clone()
                for name, weight in self._network.named_parameters()
                if weight.requires_grad
            }


def _surprise(logits: Floats, targets: NDArray[np.int64]) -> float:
    if not len(targets):
        return 0.0
    return float(
        torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(targets))
    )


def _macro_f1(targets: NDArray[np.int64], guesses: NDArray[np.int64]) -> float:
    """Mean over the classes that occur among the targets."""
    classes = np.unique(targets)
    if not len(classes):
        return 0.0
    scores = f1_score(targets, guesses, labels=classes, average="macro", zero_division=0.0)
    return float(scores)
