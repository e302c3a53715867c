"""Measure an intent model on labelled sentences."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from chatbot.conversation import Understanding
from chatbot.ports import IntentModel
from training.corpus import Corpus, Utterance
from training.errors import CorpusInvalid
from training.evaluation import metrics

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


def evaluate_intent(
    model: IntentModel,
    utterances: Sequence[Utterance],
    *,
    advance: Callable[[int], None] = lambda rows: None,
) -> Report:
    """The report of `kefu evaluate intent`; `advance` hears how many texts are done."""
    results: list[Understanding] = []
    for start in range(0, len(utterances), BATCH_ROWS):
        batch = utterances[start : start + BATCH_ROWS]
        results += model.understand([utterance.text for utterance in batch])
        advance(len(batch))
    return report(utterances, results) | _latency(model, utterances, advance)


def report(utterances: Sequence[Utterance], results: Sequence[Understanding]) -> Report:
    """All figures that need no clock."""
    gold = [utterance.intent for utterance in utterances]
    predicted = [result.intent for result in results]
    outside = [intent == OUT_OF_SCOPE for intent in gold]
    inside = [
        (utterance.intent == result.ranking[0][0], result.confidence)
        for utterance, result in zip(utterances, results, strict=True)
        if utterance.intent != OUT_OF_SCOPE
    ]
    correct = [right for right, _ in inside]
    return {
        "n": len(gold),
        "accuracy": metrics.accuracy(gold, predicted),
        "macro_f1": metrics.macro_f1(gold, predicted),
        "in_scope_accuracy": float(np.mean(correct)) if correct else None,
        "oos_recall": metrics.recall(gold, predicted, OUT_OF_SCOPE),
        "oos_precision": metrics.precision(gold, predicted, OUT_OF_SCOPE) if any(outside) else None,
        "oos_auroc": metrics.auroc(outside, [result.out_of_scope for result in results]),
        "ece": metrics.expected_calibration_error(correct, [sure for _, sure in inside]),
        "per_intent": metrics.per_intent(gold, predicted),
        "per_language": _per_language(utterances, results),
    }


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
