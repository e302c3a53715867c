"""Figures over the answers; None where a figure is not defined for the queries at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.audits.intervals import cluster_means, percentile_interval
from training.evaluation.metrics import auroc, expected_calibration_error
from training.evaluation.retrieval.asking import DEPTH, Answer
from training.evaluation.retrieval.queries import Query

Report = dict[str, Any]
Floats = NDArray[np.float64]

CUTS = (1, 3, 5, DEPTH)
RANKED = (*(f"recall_at_{cut}" for cut in CUTS), "mrr", "ndcg_at_10")
"""Figures of the answerable queries alone, each a mean over queries."""
ROUNDS = 2000
"""Of the bootstrap."""

Asked = Sequence[tuple[Query, Answer]]


def measure(
    asked: Asked, *, threshold: float | None, rounds: int = ROUNDS, seed: int = 1
) -> Report:
    """Flat figures and, below `intervals`, what 95 % of resampled sets of queries give.

    Recall at k is the share of queries with a right document among the first k: any of several
    right ones answers. `threshold` is the least score of an answer; None where scores are no
    probabilities, which leaves pass rates and calibration undefined. An interval says nothing
    where every query has the same value: it is then a point.
    """
    answerable = [(query, answer) for query, answer in asked if query.expected]
    others = [(query, answer) for query, answer in asked if not query.expected]
    values = np.array([list(_values(*pair)) for pair in answerable], dtype=np.float64)
    means = values.mean(axis=0).tolist() if answerable else [None] * len(RANKED)
    times = [answer.milliseconds for _, answer in asked]
    return {
        "n": len(asked),
        "n_answerable": len(answerable),
        "n_unanswerable": len(others),
        **dict(zip(RANKED, means, strict=True)),
        "threshold": threshold,
        "answerable_pass_rate": _pass_rate(answerable, threshold),
        "unanswerable_pass_rate": _pass_rate(others, threshold),
        "ece": None if threshold is None else _calibration_error(asked),
        "auroc": auroc(
            [bool(query.expected) for query, _ in asked], [answer.score for _, answer in asked]
        ),
        "latency_ms_p50": float(np.quantile(times, 0.5)) if times else None,
        "latency_ms_p95": float(np.quantile(times, 0.95)) if times else None,
        "intervals": _intervals(values, rounds, seed) if answerable else {},
    }


def _values(query: Query, answer: Answer) -> Iterator[float]:
    """In the order of RANKED."""
    rank = answer.rank(query.expected)
    for cut in CUTS:
        yield float(rank is not None and rank <= cut)
    yield reciprocal(rank)
    yield _gain(query, answer)


def reciprocal(rank: int | None) -> float:
    """1 for the first place, one half for the second, 0 where nothing right was found."""
    return 0.0 if rank is None else 1.0 / rank


def _gain(query: Query, answer: Answer) -> float:
    """nDCG at 10 with gains of 0 and 1 (Järvelin & Kekäläinen 2002, ACM TOIS 20:422)."""
    discounts: Floats = np.reciprocal(np.log2(np.arange(2.0, DEPTH + 2)))
    right = [document in query.expected for document in answer.documents[:DEPTH]]
    found = float(discounts[: len(right)] @ np.array(right, dtype=np.float64))
    return found / float(discounts[: len(query.expected)].sum())


def _pass_rate(asked: Asked, threshold: float | None) -> float | None:
    if threshold is None or not asked:
        return None
    return float(np.mean([answer.score >= threshold for _, answer in asked]))


def _calibration_error(asked: Asked) -> float | None:
    """Of the probability that the first document is right; where nothing answers none is."""
    right = [answer.rank(query.expected) == 1 for query, answer in asked]
    return expected_calibration_error(right, [answer.score for _, answer in asked])


def _intervals(values: Floats, rounds: int, seed: int) -> dict[str, list[float]]:
    """`values` is `(queries, len(RANKED))`."""
    draws = cluster_means(values, np.ones_like(values), rounds=rounds, seed=seed)
    found = (percentile_interval(column) for column in draws.T)
    return {
        name: [interval.low, interval.high] for name, interval in zip(RANKED, found, strict=True)
    }


def by_group(asked: Asked, groups: Sequence[str], *, threshold: float | None) -> dict[str, Report]:
    """`groups` names that of each query; those without a name are left out."""
    parts: dict[str, list[tuple[Query, Answer]]] = {}
    for pair, group in zip(asked, groups, strict=True):
        if group:
            parts.setdefault(group, []).append(pair)
    return {group: measure(part, threshold=threshold) for group, part in sorted(parts.items())}


def failures(asked: Asked, *, threshold: float | None) -> list[Report]:
    """Queries whose right document is not first, and those that nothing answers and that pass;
    the surest mistake first."""
    wrong = [pair for pair in asked if _failed(*pair, threshold)]
    wrong.sort(key=lambda pair: -pair[1].score)
    return [_failure(query, answer) for query, answer in wrong]


def _failed(query: Query, answer: Answer, threshold: float | None) -> bool:
    if query.expected:
        return answer.rank(query.expected) != 1
    return threshold is not None and answer.score >= threshold


def _failure(query: Query, answer: Answer) -> Report:
    return {
        "line": query.line,
        "query": query.text,
        "language": query.language,
        "collection": query.collection,
        "expected": list(query.expected),
        "first": answer.documents[0] if answer.documents else None,
        "score": round(answer.score, 4),
        "rank": answer.rank(query.expected),
    }
