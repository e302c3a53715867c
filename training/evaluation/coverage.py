"""What a model is worth when it may keep silent: risk against coverage.

A row is covered when it gets an intent; the risk is the share of the covered rows whose intent is
wrong (El-Yaniv & Wiener 2010, JMLR 11:1605). An out-of-scope row that is covered is always wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from chatbot.conversation import Understanding
from training.corpus import Utterance

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)


@dataclass(frozen=True)
class Point:
    coverage: float
    risk: float


@dataclass(frozen=True)
class Coverage:
    threshold: float | None
    """The out-of-scope probability from which the model ships silence; None: it never does."""
    coverage: float
    risk: float | None
    """Of the rows that the shipped model covers; None where it covers none."""
    in_scope_rejected: float | None
    out_of_scope_answered: float | None
    curve: tuple[Point, ...]
    """The risk when only the surest rows are covered."""
    area: float
    """Under the whole curve: the mean risk over all coverages; lower is better."""


def measure_coverage(
    utterances: Sequence[Utterance],
    results: Sequence[Understanding],
    *,
    threshold: float | None,
) -> Coverage:
    """For one row or more."""
    gold = np.array([row.intent for row in utterances])
    given = np.array([result.intent for result in results])
    covered, outside = given != OUT_OF_SCOPE, gold == OUT_OF_SCOPE
    risks = _risks(utterances, results)
    return Coverage(
        threshold=threshold,
        coverage=float(covered.mean()),
        risk=_share((given != gold)[covered]),
        in_scope_rejected=_share(~covered[~outside]),
        out_of_scope_answered=_share(covered[outside]),
        curve=tuple(
            Point(share, float(risks[max(1, round(share * len(risks))) - 1])) for share in COVERAGES
        ),
        area=float(risks.mean()),
    )


def _risks(
    utterances: Sequence[Utterance], results: Sequence[Understanding]
) -> NDArray[np.float64]:
    """(n,): the risk when the surest 1, 2, … n rows are covered."""
    sure = np.array([result.confidence * (1.0 - result.out_of_scope) for result in results])
    pairs = zip(utterances, results, strict=True)
    wrong = np.array([row.intent != result.ranking[0][0] for row, result in pairs])
    order = np.argsort(-sure, kind="stable")
    counts = np.arange(1, len(wrong) + 1)
    return np.asarray(np.cumsum(wrong[order]) / counts, dtype=np.float64)


def _share(rows: NDArray[np.bool_]) -> float | None:
    return float(rows.mean()) if len(rows) else None
