"""Let the champion and a challenger answer the same test rows, in turns where time is taken."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

from chatbot.ports import IntentModel
from training.corpus import Utterance
from training.evaluation.intent import BATCH_ROWS, TIMED_TEXTS
from training.gate import Prediction, Results
from training.progress import Watch


def hold_trial(
    models: Sequence[IntentModel], rows: Sequence[Utterance], *, watch: Watch
) -> tuple[Results, ...]:
    """One result a model. Each text that is timed goes to all models one after the other, so that
    a busy moment of the machine is a disadvantage to none."""
    timed = [row.text for row in rows[:: max(1, len(rows) // TIMED_TEXTS)][:TIMED_TEXTS]]
    watch.stage("Comparing", len(models) * len(rows) + len(timed))
    predictions = [_predictions(model, rows, watch) for model in models]
    seconds: list[list[float]] = [[] for _ in models]
    for text in timed:
        for model, times in zip(models, seconds, strict=True):
            start = time.perf_counter()
            model.understand([text])
            times.append(time.perf_counter() - start)
        watch.advance()
    return tuple(
        Results(model.version, tuple(model.labels), answers, 1000 * median(times or [0.0]))
        for model, answers, times in zip(models, predictions, seconds, strict=True)
    )


def _predictions(
    model: IntentModel, rows: Sequence[Utterance], watch: Watch
) -> tuple[Prediction, ...]:
    answers: list[Prediction] = []
    for start in range(0, len(rows), BATCH_ROWS):
        batch = rows[start : start + BATCH_ROWS]
        for row, result in zip(batch, model.understand([r.text for r in batch]), strict=True):
            best = result.ranking[0][0] if result.ranking else result.intent
            answers.append(
                Prediction(
                    gold=row.intent,
                    predicted=result.intent,
                    best=best,
                    confidence=result.confidence,
                    out_of_scope=result.out_of_scope,
                )
            )
        watch.advance(len(batch))
    return tuple(answers)
