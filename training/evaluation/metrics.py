"""Figures over predictions; None where a figure is not defined for the rows at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

CALIBRATION_BINS = 15


def accuracy(gold: Sequence[str], predicted: Sequence[str]) -> float | None:
    if not gold:
        return None
    return float(np.mean([g == p for g, p in zip(gold, predicted, strict=True)]))


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float | None:
    """Mean over the intents that occur in `gold`."""
    scores = [row["f1"] for row in per_intent(gold, predicted).values()]
    return float(np.mean(scores)) if scores else None


def per_intent(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, float]]:
    """precision, recall, f1 and n of every intent that occurs in `gold`."""
    intents = sorted(set(gold))
    if not intents:
        return {}
    columns = precision_recall_fscore_support(gold, predicted, labels=intents, zero_division=0.0)
    return {
        intent: {"precision": float(p), "recall": float(r), "f1": float(f), "n": int(n)}
        for intent, p, r, f, n in zip(intents, *columns, strict=True)
    }


def recall(gold: Sequence[str], predicted: Sequence[str], intent: str) -> float | None:
    return _share(gold, predicted, intent)


def precision(gold: Sequence[str], predicted: Sequence[str], intent: str) -> float | None:
    return _share(predicted, gold, intent)


def auroc(positive: ArrayLike, score: ArrayLike) -> float | None:
    """Chance that a positive row scores above a negative one; ties count half."""
    truth = np.asarray(positive, dtype=bool)
    if truth.all() or not truth.any():
        return None
    return float(roc_auc_score(truth, np.asarray(score)))


@dataclass(frozen=True)
class Bin:
    """The rows whose confidence lies in (low, high]."""

    low: float
    high: float
    n: int
    accuracy: float
    confidence: float
    """Mean of the rows."""


def reliability(correct: ArrayLike, confidence: ArrayLike) -> list[Bin]:
    """Bins of equal width, those without a row left out."""
    right = np.asarray(correct, dtype=np.float64)
    sure: NDArray[np.float64] = np.asarray(confidence, dtype=np.float64)
    bins = np.clip(np.ceil(sure * CALIBRATION_BINS).astype(int) - 1, 0, CALIBRATION_BINS - 1)
    return [
        Bin(
            low=float(b / CALIBRATION_BINS),
            high=float((b + 1) / CALIBRATION_BINS),
            n=int(np.sum(bins == b)),
            accuracy=float(right[bins == b].mean()),
            confidence=float(sure[bins == b].mean()),
        )
        for b in np.unique(bins)
    ]


def expected_calibration_error(correct: ArrayLike, confidence: ArrayLike) -> float | None:
    """Mean gap between confidence and accuracy in bins of equal width (Guo et al. 2017,
    arXiv 1706.04599), weighted by the rows in a bin."""
    bins = reliability(correct, confidence)
    if not bins:
        return None
    # Rounding alone could lift a gap of one above one.
    gaps = sum(b.n * abs(b.accuracy - b.confidence) for b in bins)
    return float(min(1.0, gaps / sum(b.n for b in bins)))


def _share(of: Sequence[str], also: Sequence[str], intent: str) -> float | None:
    hits = [other == intent for one, other in zip(of, also, strict=True) if one == intent]
    return float(np.mean(hits)) if hits else None
