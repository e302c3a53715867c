"""A second look at the first few: each passage read together with the query."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import ScorerInvalid
from knowledge_base.passages import Passage
from knowledge_base.storage import write_atomically

READ_TOGETHER = 10
"""Passages that are read together with the query, from the first on."""
JUDGED = ("fused", "fused_margin", "cross", "cross_margin")
"""What a judgement weighs, all of it log-odds."""
_LARGEST_LOGIT = 30
_LEAST = 1e-6


class Reranker(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same texts may get another score."""
        ...

    def logits(self, query: str, passages: Sequence[Passage]) -> NDArray[np.float32]:
        """`(n,)`, higher where a passage answers the query better."""
        ...


@dataclass(frozen=True)
class Judgement:
    """A logistic regression over JUDGED, fitted to questions whose right article is known."""

    weights: tuple[float, ...]
    intercept: float
    sure: float = 1.0
    """Where the first passage has at least this fused probability, none is read a second time."""

    def __post_init__(self) -> None:
        if len(self.weights) != len(JUDGED):
            raise ScorerInvalid(f"{len(self.weights)} weights for {len(JUDGED)} judged values")

    def score(self, judged: NDArray[np.float64]) -> NDArray[np.float64]:
        """`(n, len(JUDGED))` -> `(n,)` in [0, 1]."""
        logits = judged @ np.array(self.weights) + self.intercept
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT))))

    @classmethod
    def blank(cls) -> Judgement:
        """By the reranker alone, until there is something to fit to."""
        return cls((0.0, 0.0, 1.0, 0.0), 0.0)

    def save(self, path: Path) -> None:
        row = {
            "weights": dict(zip(JUDGED, self.weights, strict=True)),
            "intercept": self.intercept,
            "sure": self.sure,
        }
        write_atomically(path, f"{json.dumps(row, indent=2)}\n".encode())

    @classmethod
    def load(cls, path: Path) -> Judgement:
        try:
            row = json.loads(path.read_bytes())
            weights = {str(name): float(weight) for name, weight in row["weights"].items()}
            ordered = tuple(weights[name] for name in JUDGED)
            return cls(ordered, float(row["intercept"]), float(row["sure"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ScorerInvalid(f"{path.name} cannot be read ({error})") from None


@dataclass(frozen=True)
class SecondLook:
    reranker: Reranker
    judgement: Judgement

    def wanted(self, first: float) -> bool:
        """Given the fused probability of the first passage."""
        return first < self.judgement.sure

    def judged(
        self,
        query: str,
        passages: Sequence[Passage],
        fused: NDArray[np.float64],
        rivals: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """`(n, len(JUDGED))`; arguments as those of `judged`."""
        return judged(fused, self.reranker.logits(query, passages), rivals)


def judged(
    fused: NDArray[np.float64], cross: NDArray[np.float32], rivals: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """`(n, len(JUDGED))` of the fused probabilities `(n,)` and the reranker's logits `(n,)`.

    `rivals` `(n, n)` is true where two passages are about different things.
    """
    clipped = np.clip(fused, _LEAST, 1 - _LEAST)
    odds = np.log(clipped / (1 - clipped))
    second = cross.astype(np.float64)
    return np.stack([odds, _margin(odds, rivals), second, _margin(second, rivals)], axis=1)


def _margin(values: NDArray[np.float64], rivals: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far each is above its best rival (below, if negative); 0 without a rival."""
    best = np.where(rivals, values[None, :], -np.inf).max(axis=1)
    return np.where(np.isfinite(best), values - best, 0.0)
