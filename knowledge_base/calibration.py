"""From features to the probability that a passage answers the query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import ScorerInvalid
from knowledge_base.fusion import FEATURES
from knowledge_base.storage import write_atomically

_DEFAULT = "default_scorer.json"
_HINTED = FEATURES.index("hinted")
_LARGEST_LOGIT = 30


@dataclass(frozen=True)
class Regression:
    """A logistic regression; `weights` stand in the order of FEATURES."""

    weights: tuple[float, ...]
    intercept: float

    def __post_init__(self) -> None:
        if len(self.weights) != len(FEATURES):
            raise ScorerInvalid(f"{len(self.weights)} weights for {len(FEATURES)} features")

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        logits = features.astype(np.float64) @ np.array(self.weights) + self.intercept
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT))))


@dataclass(frozen=True)
class Scorer:
    """One regression for candidates that a hint speaks of and one for the others.

    Similarities and words weigh more where no hint helps. Scores of different queries may be
    compared, but only for the encoder that the scorer was fitted with.
    """

    hinted: Regression
    unhinted: Regression
    fitted_with: str = ""
    """Name of the encoder."""

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """`(n, len(FEATURES))` -> `(n,)` in [0, 1]."""
        return np.where(
            features[:, _HINTED] > 0, self.hinted.score(features), self.unhinted.score(features)
        )

    def save(self, path: Path) -> None:
        row = {
            "fitted_with": self.fitted_with,
            "hinted": _dump(self.hinted),
            "unhinted": _dump(self.unhinted),
        }
        write_atomically(path, f"{json.dumps(row, indent=2)}\n".encode())

    @classmethod
    def load(cls, path: Path) -> Scorer:
        try:
            return cls._from(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise ScorerInvalid(f"{path.name} cannot be read ({error})") from None

    @classmethod
    def default(cls) -> Scorer:
        """Fitted on the demo company's questions."""
        return cls._from(json.loads(files("knowledge_base").joinpath(_DEFAULT).read_bytes()))

    @classmethod
    def _from(cls, row: Any) -> Scorer:
        try:
            return cls(_load(row["hinted"]), _load(row["unhinted"]), str(row["fitted_with"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ScorerInvalid("weights are missing or no numbers") from None


def _dump(regression: Regression) -> dict[str, Any]:
    weights = dict(zip(FEATURES, regression.weights, strict=True))
    return {"intercept": regression.intercept, "weights": weights}


def _load(row: Mapping[str, Any]) -> Regression:
    weights = {str(name): float(weight) for name, weight in row["weights"].items()}
    if set(weights) != set(FEATURES):
        odd = ", ".join(sorted(set(weights) ^ set(FEATURES)))
        raise ScorerInvalid(f"other features than this version's: {odd}")
    return Regression(tuple(weights[name] for name in FEATURES), float(row["intercept"]))
