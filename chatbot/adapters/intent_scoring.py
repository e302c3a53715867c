"""From the network's raw numbers to an intent, a confidence and an out-of-scope probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from chatbot.adapters.intent_lexicon import Lexicon
from chatbot.adapters.intent_territory import Territory
from chatbot.conversation import Understanding

OUT_OF_SCOPE = "out_of_scope"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OutOfScopeRule:
    """A logistic combination of signals; `weights` names the signals it uses."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, signals: Mapping[str, Floats]) -> Floats:
        """One probability a row."""
        score = np.full(len(next(iter(signals.values()))), self.bias)
        for name, weight in self.weights.items():
            score = score + weight * signals[name]
        return np.asarray(_sigmoid(score), dtype=np.float64)


@dataclass(frozen=True)
class Calibration:
    temperature: float
    out_of_scope: OutOfScopeRule
    threshold: float | None
    """Out-of-scope probability from which the answer is `out_of_scope`; None: never."""
    ambiguity_margin: float | None = None
    """Lead of the best intent, as a difference of probabilities, up to which the two best are too
    close; None: never."""


@dataclass(frozen=True)
class Scorer:
    labels: tuple[str, ...]
    """In logit order, `out_of_scope` included where the network has that class."""
    centroids: Floats
    """(in-scope labels, d): mean training embedding of each intent, L2-normalised."""
    calibration: Calibration
    territory: Territory | None = None
    lexicon: Lexicon | None = None
    """The lexical part; None where the network decides alone."""

    @cached_property
    def in_scope(self) -> tuple[str, ...]:
        return tuple(label for label in self.labels if label != OUT_OF_SCOPE)

    def read(
        self, logits: Floats, embeddings: Floats, texts: Sequence[str] | None = None
    ) -> list[Understanding]:
        """(n, labels) and (n, d), as the network gave them, to n results.

        `texts` are the n whole texts; without them a model with a lexical part raises ValueError.
        """
        if not len(logits):
            return []
        logits = self.join(logits, texts)
        signals = out_of_scope_signals(
            logits, embeddings, self.labels, self.centroids, self.territory
        )
        outside = self.calibration.out_of_scope.probability(signals)
        inside = softmax(in_scope_logits(logits, self.labels) / self.calibration.temperature)
        order = np.argsort(-inside, axis=1, kind="stable")
        ranked = np.take_along_axis(inside, order, axis=1)
        rows = zip(order.tolist(), ranked.tolist(), outside.tolist(), strict=True)
        return [self._understanding(*row) for row in rows]

    def join(self, logits: Floats, texts: Sequence[str] | None) -> Floats:
        """(n, labels): the network's logits with those of the words, where they have a part."""
        if self.lexicon is None:
            return logits
        if texts is None or len(texts) != len(logits):
            raise ValueError("a model with a lexical part reads the texts, not only their logits")
        return logits + self.lexicon.logits(texts)

    def _understanding(
        self, order: Sequence[int], probabilities: Sequence[float], outside: float
    ) -> Understanding:
        names = map(self.in_scope.__getitem__, order)
        ranking = tuple(zip(names, probabilities, strict=True))
        threshold = self.calibration.threshold
        rejected = threshold is not None and outside >= threshold
        intent, confidence = ranking[0]
        return Understanding(
            intent=OUT_OF_SCOPE if rejected else intent,
            confidence=confidence,
            out_of_scope=outside,
            ranking=ranking,
            ambiguous=not rejected and self._ambiguous(ranking),
        )

    def _ambiguous(self, ranking: tuple[tuple[str, float], ...]) -> bool:
        margin = self.calibration.ambiguity_margin
        if margin is None or len(ranking) < 2:
            return False
        return ranking[0][1] - ranking[1][1] <= margin


def in_scope_logits(logits: Floats, labels: tuple[str, ...]) -> Floats:
    return logits[:, [label != OUT_OF_SCOPE for label in labels]]


def out_of_scope_signals(
    logits: Floats,
    embeddings: Floats,
    labels: tuple[str, ...],
    centroids: Floats,
    territory: Territory | None = None,
) -> dict[str, Floats]:
    """Numbers that grow when a text fits no intent, one array (n,) each.

    `class_margin`  logit of the class `out_of_scope` over the in-scope free energy, where trained
    `energy`        negative free energy of the in-scope logits (Liu et al. 2020, arXiv 2010.03759)
    `top_logit`     the best in-scope logit, negated
    `distance`      cosine distance to the nearest intent
    and those of the territory, where it was surveyed
    """
    inside = in_scope_logits(logits, labels)
    free_energy = _logsumexp(inside)
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = embeddings / np.maximum(lengths, 1e-12)
    similarity = unit @ centroids.T
    signals = {
        "energy": -free_energy,
        "top_logit": -inside.max(axis=1),
        "distance": 1.0 - similarity.max(axis=1),
    }
    if OUT_OF_SCOPE in labels:
        signals["class_margin"] = logits[:, labels.index(OUT_OF_SCOPE)] - free_energy
    if territory is not None:
        signals |= territory.signals(unit)
    return signals


def softmax(logits: Floats) -> Floats:
    return np.asarray(np.exp(logits - _logsumexp(logits)[:, None]), dtype=np.float64)


def _logsumexp(logits: Floats) -> Floats:
    peak = logits.max(axis=1)
    total = np.exp(logits - peak[:, None]).sum(axis=1)
    return np.asarray(peak + np.log(total), dtype=np.float64)


def _sigmoid(score: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(score, -50.0, 50.0))), dtype=np.float64)
