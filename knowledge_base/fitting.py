"""Fitting the scorer to questions whose right article is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from knowledge_base.calibration import Regression, Scorer
from knowledge_base.errors import ScorerInvalid
from knowledge_base.fusion import FEATURES
from knowledge_base.rerank import JUDGED, Judgement
from knowledge_base.search import KnowledgeBase

Query = tuple[str, Set[str], Mapping[str, float]]
"""The query, the ids of all documents that answer it (none: nothing does), and the hints."""

_STRENGTH = 10.0  # inverse regularisation, on standardised features
_CONSTANT = 1e-6
_LEADING = 5
_CHANNELS = [FEATURES.index(name) for name in ("dense", "lexical", "hint")]
_HINTED = FEATURES.index("hinted")


def collect_training_rows(
    kb: KnowledgeBase, queries: Iterable[Query]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Features `(n, len(FEATURES))` and labels `(n,)` of the candidates worth telling apart.

    Those are the ones that some channel puts among its first five: fitted to all candidates, the
    scores would be exact for the hopeless many and less so for the few that matter. The queries
    must not stand in the index themselves, or the scorer learns to expect that.
    """
    rows = [np.empty((0, len(FEATURES)), dtype=np.float32)]
    labels: list[bool] = []
    for query, expected, hints in queries:
        candidates = kb.candidates(query, hints=hints)
        leading = _leading(candidates.features)
        rows.append(candidates.features[leading])
        labels += [candidates.passages[row].document_id in expected for row in leading]
    return np.concatenate(rows), np.array(labels, dtype=np.bool_)


def collect_judged_rows(
    kb: KnowledgeBase, queries: Iterable[Query]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What a second look sees `(n, len(JUDGED))`, and whether the passage answers `(n,)`.

    `kb` has a second look, whatever its judgement.
    """
    rows = [np.empty((0, len(JUDGED)))]
    labels: list[bool] = []
    for query, expected, hints in queries:
        look = kb.look_twice(query, hints=hints)
        rows.append(look.judged)
        labels += [passage.document_id in expected for passage in look.passages]
    return np.concatenate(rows), np.array(labels, dtype=np.bool_)


def fit_judgement(
    rows: NDArray[np.float64], labels: NDArray[np.bool_], *, sure: float = 1.0
) -> Judgement:
    """Raises ScorerInvalid where all passages are right, or none is."""
    fitted = _ridge(rows, labels)
    return Judgement(tuple(fitted[:-1].tolist()), float(fitted[-1]), sure)


def fit_scorer(
    rows: NDArray[np.float32], labels: NDArray[np.bool_], *, fitted_with: str = ""
) -> Scorer:
    """Right and wrong candidates are needed both with hints and without, or ScorerInvalid.

    Not weighted by class: scores stay probabilities for queries like the ones given.
    """
    hinted = rows[:, _HINTED] > 0
    return Scorer(
        hinted=fit_regression(rows[hinted], labels[hinted]),
        unhinted=fit_regression(rows[~hinted], labels[~hinted]),
        fitted_with=fitted_with,
    )


def _leading(features: NDArray[np.float32]) -> list[int]:
    first = np.argsort(-features[:, _CHANNELS], axis=0, kind="stable")[:_LEADING]
    return sorted(set(first.ravel().tolist()))


def fit_regression(rows: NDArray[np.float32], labels: NDArray[np.bool_]) -> Regression:
    """Raises ScorerInvalid where all candidates are right, or none is."""
    fitted = _ridge(rows, labels)
    return Regression(tuple(fitted[:-1].tolist()), float(fitted[-1]))


def _ridge(rows: NDArray[Any], labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights, then the intercept, of a ridge logistic regression with no weight below 0: more
    evidence never lowers a score.

    Left free, weights of features that say nearly the same grow large with opposite signs, which
    is right for the questions at hand only.
    """
    if len(set(labels.tolist())) < 2:
        raise ScorerInvalid("no right or no wrong candidates to learn from")
    mean, scale = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
    scale[scale < _CONSTANT] = np.inf
    standard = (rows - mean) / scale

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, intercept = parameters[:-1], parameters[-1]
        logits = standard @ weights + intercept
        errors = expit(logits) - labels
        value = np.logaddexp(0, logits).sum() - logits[labels].sum()
        penalty = weights @ weights / (2 * _STRENGTH)
        return value + penalty, np.r_[errors @ standard + weights / _STRENGTH, errors.sum()]

    bounds = [(0, None)] * rows.shape[1] + [(None, None)]
    start = np.zeros(len(bounds))
    parameters = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = parameters[:-1] / scale
    fitted: NDArray[np.float64] = np.r_[weights, parameters[-1] - weights @ mean]
    return fitted
