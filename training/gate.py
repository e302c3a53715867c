"""May a challenger replace the champion? A pure function of both models' answers to one test set.

The comparison is paired: both have answered the same rows in the same order. Rows of an intent
that the champion was never taught are left out of it; there the challenger must be good alone.
Weakness: each gate compares with the champion of the day, so many small losses within the limits
can add up; the frozen test set makes them visible in the history of gates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from training.evaluation import metrics
from training.gate_words import say
from training.verdict import Check, GateResult


@dataclass(frozen=True)
class Prediction:
    gold: str
    predicted: str
    """`out_of_scope` included."""
    best: str
    """The best in-scope intent, whatever the out-of-scope threshold says."""
    confidence: float
    out_of_scope: float

    @property
    def right(self) -> bool:
        return self.predicted == self.gold


@dataclass(frozen=True)
class Results:
    """What one model says to the test rows, in their order."""

    version: str
    labels: tuple[str, ...]
    predictions: tuple[Prediction, ...]
    latency_ms_p50: float


@dataclass(frozen=True)
class GateLimits:
    # Two trainings of the demo company's model disagreed about 57 of 534 test rows, which alone
    # makes their accuracies differ by 1.4 points (one standard deviation). A smaller limit would
    # refuse by lot; McNemar's test below does the finer work where rows are many.
    accuracy_drop: float = 0.015
    # The mean over intents is noisier than the mean over rows, for rare intents weigh as much.
    macro_f1_drop: float = 0.025
    # The worst of forty intents with a dozen rows each: losing one or two rows happens by chance,
    # losing a fifth of an intent does not.
    intent_f1_drop: float = 0.20
    smallest_intent_rows: int = 5
    # Those two trainings differed by 0.005, with seventy out-of-scope rows; four times as much is
    # no chance.
    auroc_drop: float = 0.02
    # The thresholds of a decision are probabilities: they shift by as much as calibration does.
    # Those two trainings differed by 0.017.
    ece_rise: float = 0.03
    # Same architecture, same runtime: more than this is another kind of model or a broken one.
    latency_ratio: float = 1.5
    # Nobody notices a millisecond, and below one the clock measures noise.
    latency_slack_ms: float = 1.0
    # One-sided: how likely rows lost and won would be this uneven if both were equally good.
    significance: float = 0.05
    # A first model has nobody to be compared with, only chance and usefulness.
    first_accuracy: float = 0.60
    # A new intent may be weaker than old ones, but most of its customers must be understood; the
    # score of fewer than three rows is a toss of coins.
    new_intent_accuracy: float = 0.70
    new_intent_rows: int = 3
    # Below this the standard error of an accuracy of 0.9 is above four points.
    smallest_test: int = 50


def judge(
    champion: Results | None, challenger: Results, *, limits: GateLimits | None = None
) -> GateResult:
    """Without a champion the challenger must only be useful."""
    rule = limits or GateLimits()
    known = challenger.labels if champion is None else champion.labels
    shared = [
        number
        for number, row in enumerate(challenger.predictions)
        if row.gold in {*known, OUT_OF_SCOPE}
    ]
    after = [challenger.predictions[number] for number in shared]
    checks = [_enough_rows(len(after), rule)]
    if champion is None:
        checks.append(_first_accuracy(after, rule))
    else:
        before = [champion.predictions[number] for number in _paired(champion, challenger, shared)]
        checks += _compare(before, after, rule)
        checks += _latency(champion, challenger, rule)
        checks += _labels(champion, challenger, rule)
    return GateResult(all(check.passed for check in checks), tuple(checks))


def _paired(champion: Results, challenger: Results, shared: list[int]) -> list[int]:
    pairs = zip(champion.predictions, challenger.predictions, strict=True)
    if any(one.gold != other.gold for one, other in pairs):
        raise ValueError("the two models were given different test rows")
    return shared


def _enough_rows(count: int, rule: GateLimits) -> Check:
    least = rule.smallest_test
    return _check("test_rows", None, count, limit=least, passed=count >= least)


def _first_accuracy(after: Sequence[Prediction], rule: GateLimits) -> Check:
    value = _accuracy(after) or 0.0
    least = rule.first_accuracy
    return _check("first_accuracy", None, value, limit=least, passed=value >= least)


def _compare(
    before: Sequence[Prediction], after: Sequence[Prediction], rule: GateLimits
) -> Iterator[Check]:
    yield from _fall("accuracy", _accuracy(before), _accuracy(after), rule.accuracy_drop)
    yield from _fall("macro_f1", _macro_f1(before), _macro_f1(after), rule.macro_f1_drop)
    yield from _worst_intent(before, after, rule)
    yield from _fall("oos_auroc", _auroc(before), _auroc(after), rule.auroc_drop)
    yield from _rise("ece", _ece(before), _ece(after), rule.ece_rise)
    yield _mcnemar(before, after, rule)


def _fall(name: str, before: float | None, after: float | None, most: float) -> Iterator[Check]:
    """Nothing where the figure is not defined for the test rows."""
    if before is not None and after is not None:
        yield _check(name, before, after, limit=most, passed=before - after <= most + _ROUNDING)


def _rise(name: str, before: float | None, after: float | None, most: float) -> Iterator[Check]:
    if before is not None and after is not None:
        yield _check(name, before, after, limit=most, passed=after - before <= most + _ROUNDING)


_ROUNDING = 1e-9
"""0.90 - 0.89 is a little more than 0.01 in binary."""


def _worst_intent(
    before: Sequence[Prediction], after: Sequence[Prediction], rule: GateLimits
) -> Iterator[Check]:
    old, new = _per_intent(before), _per_intent(after)
    drops = {
        intent: row["f1"] - new[intent]["f1"]
        for intent, row in old.items()
        if row["n"] >= rule.smallest_intent_rows
    }
    if not drops:
        return
    worst = max(sorted(drops), key=drops.__getitem__)
    yield _check(
        "worst_intent_f1",
        old[worst]["f1"],
        new[worst]["f1"],
        limit=rule.intent_f1_drop,
        passed=drops[worst] <= rule.intent_f1_drop + _ROUNDING,
        subject=worst,
    )


def _mcnemar(before: Sequence[Prediction], after: Sequence[Prediction], rule: GateLimits) -> Check:
    """McNemar (1947) in its exact binomial form, which holds for any number of rows."""
    pairs = list(zip(before, after, strict=True))
    lost = sum(one.right and not other.right for one, other in pairs)
    won = sum(other.right and not one.right for one, other in pairs)
    chance = worse_by_chance(lost, won)
    return _check(
        "mcnemar",
        lost,
        won,
        limit=rule.significance,
        passed=chance >= rule.significance,
        subject=f"{chance:.3f}",
    )


def worse_by_chance(lost: int, won: int) -> float:
    """Chance of at least `lost` of the rows that changed, if losing and winning were equal."""
    if lost + won == 0:
        return 1.0
    return float(binomtest(lost, lost + won, 0.5, alternative="greater").pvalue)


def _latency(champion: Results, challenger: Results, rule: GateLimits) -> Iterator[Check]:
    before, after = champion.latency_ms_p50, challenger.latency_ms_p50
    if before > 0:
        slow = after - before > rule.latency_slack_ms and after / before > rule.latency_ratio
        yield _check("latency_ms_p50", before, after, limit=rule.latency_ratio, passed=not slow)


def _labels(champion: Results, challenger: Results, rule: GateLimits) -> Iterator[Check]:
    for label in sorted(set(champion.labels) - set(challenger.labels)):
        yield _check("intent_lost", None, None, limit=0, passed=False, subject=label)
    for label in sorted(set(challenger.labels) - set(champion.labels)):
        rows = [row for row in challenger.predictions if row.gold == label]
        if len(rows) < rule.new_intent_rows:
            least = rule.new_intent_rows
            yield _check(
                "new_intent_rows", None, len(rows), limit=least, passed=False, subject=label
            )
            continue
        value, floor = _accuracy(rows) or 0.0, rule.new_intent_accuracy
        yield _check("new_intent", None, value, limit=floor, passed=value >= floor, subject=label)


def _check(
    name: str,
    champion: float | None,
    challenger: float | None,
    *,
    limit: float,
    passed: bool,
    subject: str = "",
) -> Check:
    words = say(name, champion, challenger, limit=limit, passed=passed, subject=subject)
    return Check(name, champion, challenger, limit, passed, *words)


def _accuracy(rows: Sequence[Prediction]) -> float | None:
    return metrics.accuracy([row.gold for row in rows], [row.predicted for row in rows])


def _macro_f1(rows: Sequence[Prediction]) -> float | None:
    return metrics.macro_f1([row.gold for row in rows], [row.predicted for row in rows])


def _per_intent(rows: Sequence[Prediction]) -> dict[str, dict[str, float]]:
    return metrics.per_intent([row.gold for row in rows], [row.predicted for row in rows])


def _auroc(rows: Sequence[Prediction]) -> float | None:
    if not rows:
        return None
    return metrics.auroc([r.gold == OUT_OF_SCOPE for r in rows], [r.out_of_scope for r in rows])


def _ece(rows: Sequence[Prediction]) -> float | None:
    inside = [row for row in rows if row.gold != OUT_OF_SCOPE]
    return metrics.expected_calibration_error(
        [row.best == row.gold for row in inside], [row.confidence for row in inside]
    )
