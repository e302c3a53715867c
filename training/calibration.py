"""Fit what turns logits into honest probabilities, on rows the network was not trained on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from chatbot.adapters.intent_scoring import Floats, OutOfScopeRule, softmax

Flags = NDArray[np.bool_]

TEMPERATURES = (0.05, 20.0)
ENOUGH_OUTSIDE = 5
"""Fewer out-of-scope rows than this cannot place a line between inside and outside."""
EVEN_CHANCE = 0.5
TYPICAL = 0.05
"""Probability that the rule without out-of-scope rows gives the middle in-scope row."""


def fit_temperature(logits: Floats, targets: NDArray[np.int64]) -> float:
    """The divisor of the logits (n, labels) under which the targets are likeliest.

    Guo et al. 2017, arXiv 1706.04599.
    """
    if not len(targets):
        return 1.0

    def surprise(log_temperature: float) -> float:
        probabilities = softmax(logits / np.exp(log_temperature))
        chosen = probabilities[np.arange(len(targets)), targets]
        return -float(np.mean(np.log(np.maximum(chosen, 1e-12))))

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(surprise, bounds=(low, high), method="bounded")
    return float(np.exp(found.x))


def fit_out_of_scope(signals: Mapping[str, Floats], outside: Flags) -> OutOfScopeRule:
    """Logistic regression on the signals where there are rows of both kinds to learn from."""
    if outside.sum() >= ENOUGH_OUTSIDE and (~outside).sum() >= ENOUGH_OUTSIDE:
        return _fitted(signals, outside)
    return _from_quantiles({name: values[~outside] for name, values in signals.items()})


def choose_threshold(
    probabilities: Floats,
    outside: Flags,
    *,
    largest_rejected_share: float,
    spendable_share: float = 0.0,
    reject_unseen: bool = False,
) -> float | None:
    """The cut at or above which a row is turned away; None without outside rows, or with
    `reject_unseen` the one that turns away the largest allowed share of the others.

    An even chance, for the probabilities are calibrated: looking for the cut that decides most of
    a few dozen outside rows right only follows their chance. It lies higher where more than
    `largest_rejected_share` of the in-scope rows would be turned away, and lower where less than
    `spendable_share` of them would: how often customers ask for something else is unknown, and
    the share of such rows in a validation file says nothing about it.
    """
    known = bool(outside.sum() >= ENOUGH_OUTSIDE)
    if outside.all() or not (known or reject_unseen):
        return None
    inside = np.sort(probabilities[~outside])
    cut = _cut(inside, largest_rejected_share)
    if not known:
        return cut
    likelier = max(EVEN_CHANCE, cut)
    return min(likelier, _cut(inside, spendable_share)) if spendable_share else likelier


def _cut(inside: Floats, rejected_share: float) -> float:
    """At or above which no more than so many of the ascending probabilities lie."""
    spared = inside[len(inside) - 1 - int(rejected_share * len(inside))]
    return float(np.nextafter(spared, 2.0))


def choose_margin(
    probabilities: Floats,
    targets: NDArray[np.int64],
    *,
    largest_ambiguous_share: float,
    ambiguous_error: float,
) -> float | None:
    """The largest lead of the best intent over the second up to which the rows are wrong at least
    `ambiguous_error` of the time; None where no lead is so small.

    `probabilities` (n, labels) of in-scope rows that the network was not trained on. No more than
    `largest_ambiguous_share` of them lie at or under the cut.
    """
    if probabilities.shape[1] < 2 or not len(probabilities):
        return None
    best = np.sort(probabilities, axis=1)[:, -2:]
    leads = best[:, 1] - best[:, 0]
    order = np.argsort(leads, kind="stable")
    wrong = (probabilities.argmax(axis=1) != targets)[order]
    leads = leads[order]
    rows = np.arange(1, len(leads) + 1)
    allowed = (np.cumsum(wrong) / rows >= ambiguous_error) & (
        rows <= largest_ambiguous_share * len(leads)
    )
    # A cut takes all the rows of an equal lead or none.
    allowed[:-1] &= leads[:-1] < leads[1:]
    return float(leads[np.flatnonzero(allowed)[-1]]) if allowed.any() else None


def _fitted(signals: Mapping[str, Floats], outside: Flags) -> OutOfScopeRule:
    names = list(signals)
    table = np.stack([signals[name] for name in names], axis=1)
    centre, scale = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-9)
    model = LogisticRegression(max_iter=1000).fit((table - centre) / scale, outside)
    weights = model.coef_[0] / scale
    return OutOfScopeRule(
        bias=float(model.intercept_[0] - weights @ centre),
        weights={name: float(weight) for name, weight in zip(names, weights, strict=True)},
    )


def _from_quantiles(signals: Mapping[str, Floats]) -> OutOfScopeRule:
    # Each signal counts in units of its own in-scope spread; their mean is one half at the
    # 95 % quantile of the in-scope rows and TYPICAL at their middle.
    used = {name: values for name, values in signals.items() if len(values)}
    spreads = {
        name: max(float(np.quantile(values, 0.95) - np.median(values)), 1e-6)
        for name, values in used.items()
    }
    weights = {name: 1.0 / (len(used) * spread) for name, spread in spreads.items()}
    if not weights:
        return OutOfScopeRule(bias=float(np.log(TYPICAL / (1 - TYPICAL))), weights={})
    score = np.sum([weights[name] * used[name] for name in weights], axis=0)
    middle, high = float(np.median(score)), float(np.quantile(score, 0.95))
    slope = np.log((1 - TYPICAL) / TYPICAL) / max(high - middle, 1e-6)
    return OutOfScopeRule(
        bias=float(-slope * high),
        weights={name: float(slope * weight) for name, weight in weights.items()},
    )
