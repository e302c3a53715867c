"""Two models on the same rows."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from chatbot.conversation import Understanding
from chatbot.ports import IntentModel
from training.evaluation.intent import Evaluation, Report
from training.evaluation.significance import PairedTest, compare_paired


@dataclass(frozen=True)
class Rivalry:
    version: str
    """Of the other model."""
    test: PairedTest
    left_out: int
    """Rows of intents that the other model was never taught: there it could only lose."""
    accuracy: float | None
    """Of the other model, on the rows that were compared."""

    def figures(self) -> Report:
        test = self.test
        return {
            "version": self.version,
            "n": test.n,
            "left_out": self.left_out,
            "accuracy": self.accuracy,
            "difference": test.difference,
            "interval": [test.interval.low, test.interval.high],
            "won": test.won,
            "lost": test.lost,
            "mcnemar_p": test.p_value,
            "significant": test.significant,
        }


def face_off(evaluation: Evaluation, other: IntentModel, answers: list[Understanding]) -> Rivalry:
    """`answers` are those of the other model to all rows of the evaluation."""
    known = {*other.labels, OUT_OF_SCOPE}
    rows = zip(evaluation.utterances, evaluation.results, answers, strict=True)
    pairs = [
        (mine.intent == row.intent, theirs.intent == row.intent)
        for row, mine, theirs in rows
        if row.intent in known
    ]
    test = compare_paired([mine for mine, _ in pairs], [theirs for _, theirs in pairs])
    return Rivalry(
        version=other.version,
        test=test,
        left_out=len(answers) - len(pairs),
        accuracy=test.other_right / test.n if test.n else None,
    )
