"""How far a model's answers are from those of the model it should stand in for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from chatbot.conversation import Understanding
from training.corpus import Utterance
from training.evaluation.significance import PairedTest, compare_paired

Rows = Sequence[Utterance]
Results = Sequence[Understanding]


@dataclass(frozen=True)
class Agreement:
    """In both tests the first is the model that was there before, the second its stand-in."""

    decided: PairedTest
    """Of all rows, with the out-of-scope decision."""
    best: PairedTest
    """Of the in-scope rows, whatever their out-of-scope probability."""
    equal: float
    """Share of the rows with the same decision, right or wrong."""

    @property
    def loss(self) -> float:
        return self.decided.difference

    @property
    def accuracies(self) -> tuple[float, float]:
        return _share(self.decided.right, self.decided), _share(
            self.decided.other_right, self.decided
        )

    @property
    def best_accuracy(self) -> float:
        """Of the stand-in."""
        return _share(self.best.other_right, self.best)


def measure_agreement(rows: Rows, before: Results, after: Results) -> Agreement:
    pairs = list(zip(rows, before, after, strict=True))
    inside = [pair for pair in pairs if pair[0].intent != OUT_OF_SCOPE]
    return Agreement(
        decided=compare_paired(
            [row.intent == one.intent for row, one, _ in pairs],
            [row.intent == other.intent for row, _, other in pairs],
        ),
        best=compare_paired(
            [row.intent == one.ranking[0][0] for row, one, _ in inside],
            [row.intent == other.ranking[0][0] for row, _, other in inside],
        ),
        equal=sum(one.intent == other.intent for _, one, other in pairs) / max(len(pairs), 1),
    )


def _share(right: int, test: PairedTest) -> float:
    return right / max(test.n, 1)
