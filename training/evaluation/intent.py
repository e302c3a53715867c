"""Measure an intent model on labelled sentences."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.adapters.intent_directory import CALIBRATION
from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from chatbot.conversation import Understanding
from chatbot.ports import IntentModel
from training.corpus import Corpus, Utterance
from training.errors import CorpusInvalid
from training.evaluation import metrics
from training.evaluation.confusions import most_confused
from training.evaluation.coverage import measure_coverage

Report = dict[str, Any]

BATCH_ROWS = 256
TIMED_TEXTS = 200


def check_intents(corpus: Corpus, model: IntentModel) -> None:
    """Raises CorpusInvalid at the first row whose intent the model was never taught."""
    known = {*model.labels, OUT_OF_SCOPE}
    for utterance in corpus.utterances:
        if utterance.intent not in known:
            raise CorpusInvalid(
                corpus.path,
                f"the model does not know the intent {utterance.intent!r}",
                line=utterance.line,
            )


@dataclass(frozen=True)
class Evaluation:
    utterances: Sequence[Utterance]
    results: Sequence[Understanding]
    figures: Report

    @property
    def inside(self) -> list[tuple[bool, float]]:
        """For the in-scope rows: is the best intent right, and how sure the model is of it."""
        return _inside(self.utterances, self.results)


def evaluate_intent(
    model: IntentModel,
    utterances: Sequence[Utterance],
    *,
    threshold: float | None = None,
    advance: Callable[[int], None] = lambda rows: None,
) -> Evaluation:
    """What `kefu evaluate intent` says; `threshold` is the model's, and `advance` hears how many
    texts are done."""
    results = understand_all(model, utterances, advance=advance)
    figures = (
        report(utterances, results)
        | _latency(model, utterances, advance)
        | {
            "reliability": [asdict(b) for b in metrics.reliability(*_columns(utterances, results))],
            "risk_coverage": asdict(measure_coverage(utterances, results, threshold=threshold)),
            "most_confused": [asdict(pair) for pair in most_confused(utterances, results)],
        }
    )
    return Evaluation(utterances, results, figures)


def understand_all(
    model: IntentModel,
    utterances: Sequence[Utterance],
    *,
    advance: Callable[[int], None] = lambda rows: None,
) -> list[Understanding]:
    results: list[Understanding] = []
    for start in range(0, len(utterances), BATCH_ROWS):
        batch = utterances[start : start + BATCH_ROWS]
        results += model.understand([utterance.text for utterance in batch])
        advance(len(batch))
    return results


def report(utterances: Sequence[Utterance], results: Sequence[Understanding]) -> Report:
    """All figures that need no clock."""
    gold = [utterance.intent for utterance in utterances]
    predicted = [result.intent for result in results]
    outside = [intent == OUT_OF_SCOPE for intent in gold]
    correct, confidence = _columns(utterances, results)
    return {
        "n": len(gold),
        "accuracy": metrics.accuracy(gold, predicted),
        "macro_f1": metrics.macro_f1(gold, predicted),
        "in_scope_accuracy": float(np.mean(correct)) if correct else None,
        "in_scope_accuracy_at_threshold": _served_accuracy(gold, predicted),
        "oos_recall": metrics.recall(gold, predicted, OUT_OF_SCOPE),
        "oos_precision": metrics.precision(gold, predicted, OUT_OF_SCOPE) if any(outside) else None,
        "oos_auroc": metrics.auroc(outside, [result.out_of_scope for result in results]),
        "ece": metrics.expected_calibration_error(correct, confidence),
        "per_intent": metrics.per_intent(gold, predicted),
        "per_language": _per_language(utterances, results),
    }


def _served_accuracy(gold: Sequence[str], predicted: Sequence[str]) -> float | None:
    """Of the in-scope rows; one that was turned away is wrong."""
    pairs = [(g, p) for g, p in zip(gold, predicted, strict=True) if g != OUT_OF_SCOPE]
    return metrics.accuracy([g for g, _ in pairs], [p for _, p in pairs])


def _inside(
    utterances: Sequence[Utterance], results: Sequence[Understanding]
) -> list[tuple[bool, float]]:
    return [
        (utterance.intent == result.ranking[0][0], result.confidence)
        for utterance, result in zip(utterances, results, strict=True)
        if utterance.intent != OUT_OF_SCOPE
    ]


def _columns(
    utterances: Sequence[Utterance], results: Sequence[Understanding]
) -> tuple[list[bool], list[float]]:
    inside = _inside(utterances, results)
    return [right for right, _ in inside], [sure for _, sure in inside]


def _per_language(utterances: Sequence[Utterance], results: Sequence[Understanding]) -> Report:
    figures: Report = {}
    for language in sorted({utterance.language for utterance in utterances}):
        pairs = [
            (utterance.intent, result)
            for utterance, result in zip(utterances, results, strict=True)
            if utterance.language == language
        ]
        figures[language] = {
            "n": len(pairs),
            "accuracy": metrics.accuracy([g for g, _ in pairs], [r.intent for _, r in pairs]),
            "oos_auroc": metrics.auroc(
                [g == OUT_OF_SCOPE for g, _ in pairs], [r.out_of_scope for _, r in pairs]
            ),
        }
    return figures


def _latency(
    model: IntentModel, utterances: Sequence[Utterance], advance: Callable[[int], None]
) -> Report:
    """One text a call, as in a conversation; texts spread evenly over the data."""
    step = max(1, len(utterances) // TIMED_TEXTS)
    seconds = []
    for utterance in utterances[::step][:TIMED_TEXTS]:
        start = time.perf_counter()
        model.understand([utterance.text])
        seconds.append(time.perf_counter() - start)
        advance(1)
    p50, p95 = np.percentile(seconds, [50, 95])
    return {"latency_ms_p50": round(1000 * p50, 3), "latency_ms_p95": round(1000 * p95, 3)}


def read_threshold(model: Path) -> float | None:
    """The out-of-scope probability from which the model in this directory keeps silent."""
    threshold = json.loads((model / CALIBRATION).read_text("utf-8"))["out_of_scope_threshold"]
    return None if threshold is None else float(threshold)
