"""Everything one training run shares: encoder, tokens, labels, recipe, seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.adapters.intent_directory import TOKENIZER
from chatbot.adapters.intent_network import IntentNetwork, load_network
from chatbot.adapters.intent_scoring import (
    OUT_OF_SCOPE,
    Calibration,
    Floats,
    Scorer,
    in_scope_logits,
    out_of_scope_signals,
)
from chatbot.adapters.intent_tokens import Tokens
from training.base_weights import BaseModel
from training.batching import Examples, Outputs, run_network
from training.calibration import choose_threshold, fit_out_of_scope, fit_temperature
from training.corpus import Utterance
from training.errors import BaseModelUnavailable
from training.finetune import fine_tune, steps_for
from training.head import initialise_head
from training.progress import Watch
from training.recipe import Recipe

SAMPLE = 40
"""Examples of a class that fix its place in the embedding; more only cost time."""


@dataclass(frozen=True)
class Workshop:
    base: BaseModel
    labels: tuple[str, ...]
    """In logit order."""
    recipe: Recipe
    seed: int
    token_limit: int
    watch: Watch

    def lessons(self, utterances: Sequence[Utterance]) -> Examples:
        """What the network is trained on: the utterances, and where the recipe says so the
        intents' names."""
        names = [
            Utterance(label.replace("_", " "), label)
            for label in self.labels
            if label != OUT_OF_SCOPE and self.recipe.names_as_examples
        ]
        return self.examples([*utterances, *names])

    def examples(self, utterances: Sequence[Utterance]) -> Examples:
        """Intents that are no label (out of scope, where no class was trained) get target -1."""
        tokens = Tokens(
            self.base.directory / TOKENIZER, prefix=self.base.prefix, limit=self.token_limit
        )
        places = {label: number for number, label in enumerate(self.labels)}
        return Examples(
            tokens.encode([utterance.text for utterance in utterances]),
            np.array([places.get(u.intent, -1) for u in utterances], dtype=np.int64),
        )

    def train(
        self, examples: Examples, *, stage: str, select_on: Examples | None = None
    ) -> IntentNetwork:
        """Train for all epochs; with `select_on`, go back to the epoch that was best on it."""
        network = self._fresh_network()
        sample = examples.at_most(SAMPLE)
        initialise_head(
            network,
            run_network(network, sample.rows).embeddings,
            sample.targets,
            inverse_regularisation=self.recipe.inverse_regularisation,
        )
        best = _Best(network, select_on)
        self.watch.stage(stage, steps_for(examples, self.recipe))
        fine_tune(
            network,
            examples,
            self.recipe,
            seed=self.seed,
            after_step=lambda loss: self.watch.advance(note=f"loss {loss:.3f}"),
            after_epoch=best.look,
        )
        best.restore()
        return network

    def scorer(self, network: IntentNetwork, trained_on: Examples, held_out: Examples) -> Scorer:
        """Centroids from the rows trained on, calibration from rows that were not."""
        centroids = self.centroids(network, trained_on)
        outputs = run_network(network, held_out.rows)
        return Scorer(self.labels, centroids, self.calibrate(outputs, held_out, centroids))

    def centroids(self, network: IntentNetwork, trained_on: Examples) -> Floats:
        """(in-scope labels, d), L2-normalised."""
        sample = trained_on.at_most(SAMPLE)
        embeddings = _unit(run_network(network, sample.rows).embeddings)
        means = [
            embeddings[sample.targets == number].mean(axis=0)
            for number, label in enumerate(self.labels)
            if label != OUT_OF_SCOPE
        ]
        return _unit(np.stack(means))

    def calibrate(self, outputs: Outputs, held_out: Examples, centroids: Floats) -> Calibration:
        outside = self._outside(held_out)
        inside = in_scope_logits(outputs.logits, self.labels)[~outside]
        signals = out_of_scope_signals(outputs.logits, outputs.embeddings, self.labels, centroids)
        rule = fit_out_of_scope(signals, outside)
        return Calibration(
            temperature=fit_temperature(inside, held_out.targets[~outside]),
            out_of_scope=rule,
            threshold=choose_threshold(
                rule.probability(signals),
                outside,
                largest_rejected_share=self.recipe.largest_rejected_share,
            ),
        )

    def _outside(self, examples: Examples) -> NDArray[np.bool_]:
        # `out_of_scope` is the last label where it is one, and -1 where it is not.
        in_scope = sum(label != OUT_OF_SCOPE for label in self.labels)
        return (examples.targets < 0) | (examples.targets >= in_scope)

    def _fresh_network(self) -> IntentNetwork:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            try:
                return load_network(self.base.directory, labels=len(self.labels))
            except (OSError, ValueError, RuntimeError) as error:
                raise BaseModelUnavailable(
                    f"The base model {self.base.name} does not load ({error})."
                ) from None


class _Best:
    """Remembers the trained weights of the epoch with the highest accuracy."""

    def __init__(self, network: IntentNetwork, examples: Examples | None) -> None:
        self._network = network
        self._examples = examples
        self._score = (-1.0, -np.inf)
        self._weights: dict[str, torch.Tensor] = {}

    def look(self) -> None:
        if self._examples is None:
            return
        known = self._examples.targets >= 0
        logits = run_network(self._network, self._examples.rows).logits[known]
        targets = self._examples.targets[known]
        accuracy = float(np.mean(logits.argmax(axis=1) == targets)) if len(targets) else 0.0
        score = (accuracy, -_surprise(logits, targets))
        if score > self._score:
            self._score = score
            self._weights = {
                name: weight.detach().clone()
                for name, weight in self._network.named_parameters()
                if weight.requires_grad
            }

    def restore(self) -> None:
        if self._weights:
            self._network.load_state_dict(self._weights, strict=False)


def _surprise(logits: Floats, targets: NDArray[np.int64]) -> float:
    if not len(targets):
        return 0.0
    return float(
        torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(targets))
    )


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float64)
