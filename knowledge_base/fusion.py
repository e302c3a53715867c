"""What the channels saw of each candidate, as the features its score is computed from.

Every feature is relative to the query: raw similarities of some encoders lie within a few
hundredths of each other, and a raw BM25 score grows with the length of the query.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.dense import Similarities

Column = NDArray[np.float32]
"""`(n,)`, one value a candidate."""

FEATURES: tuple[str, ...] = (
    "dense",
    "nearest",
    "text",
    "margin",
    "background",
    "lexical",
    "coverage",
    "lexical_margin",
    "hint",
    "hint_margin",
    "hinted",
)

_LEAST_HINT = 0.002  # and at most 1 minus this, where log-odds are taken


@dataclass(frozen=True)
class Evidence:
    """The candidates of one query."""

    similarities: Similarities
    lexical: Column
    coverage: Column
    hint: Column
    """Probability that the query is about one of the candidate's tags; 0 if none is known."""
    hinted: NDArray[np.bool_]
    """`(n,)`, true where a hint speaks of one of the candidate's tags."""
    rivals: NDArray[np.bool_]
    """`(n, n)`, true where two candidates are about different things."""


def features(evidence: Evidence) -> NDArray[np.float32]:
    """`(n, len(FEATURES))`, in the order of FEATURES."""
    seen = evidence.similarities
    # The nearest question alone is often another article's slip of the tongue; averaged with the
    # text and all questions, twice as many colloquial queries find their article first.
    dense = (seen.text + seen.nearest + seen.average) / np.float32(3)
    columns = {
        "dense": dense,
        "nearest": seen.nearest,
        "text": seen.text,
        "margin": _margin(dense, evidence.rivals),
        # Low where the query is about something else altogether.
        "background": np.full_like(dense, dense.mean()),
        "lexical": evidence.lexical,
        "coverage": evidence.coverage,
        "lexical_margin": _margin(evidence.lexical, evidence.rivals),
        "hint": np.where(evidence.hinted, _log_odds(evidence.hint), 0),
        "hint_margin": np.where(evidence.hinted, _margin(evidence.hint, evidence.rivals), 0),
        "hinted": evidence.hinted,
    }
    return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)


def _margin(values: Column, rivals: NDArray[np.bool_]) -> Column:
    """How far a candidate is above its best rival (below, if negative); 0 without a rival."""
    best = np.where(rivals, values[None, :], -np.inf).max(axis=1)
    return np.where(np.isfinite(best), values - best, 0).astype(np.float32)


def _log_odds(probabilities: Column) -> Column:
    clipped = np.clip(probabilities, _LEAST_HINT, 1 - _LEAST_HINT)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float32)
