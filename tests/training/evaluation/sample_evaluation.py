"""Answers of a made-up model to a few sentences, with every kind of error in them."""

from __future__ import annotations

from datetime import UTC, datetime

from chatbot.conversation import Understanding
from training.corpus import Utterance
from training.evaluation.dossier import Dossier
from training.evaluation.intent import Evaluation, evaluate_intent
from training.evaluation.rivalry import Rivalry
from training.evaluation.significance import compare_paired

OUTSIDE = "out_of_scope"

# gold, best, confidence, out-of-scope probability, given
CASES = (
    ("refund", "refund", 0.97, 0.02, "refund"),
    ("refund", "refund", 0.91, 0.05, "refund"),
    ("refund", "退款查询", 0.88, 0.10, "退款查询"),
    ("refund", "退款查询", 0.55, 0.20, "退款查询"),
    ("refund", "退款查询", 0.61, 0.20, "退款查询"),
    ("退款查询", "退款查询", 0.95, 0.01, "退款查询"),
    ("退款查询", "refund", 0.60, 0.30, "refund"),
    ("退款查询", "退款查询", 0.50, 0.80, OUTSIDE),
    (OUTSIDE, "refund", 0.40, 0.90, OUTSIDE),
    (OUTSIDE, "refund", 0.70, 0.40, "refund"),
)
TEXTS = tuple(f"<b>sentence {number}</b> & more" for number in range(len(CASES)))
ROWS = [
    Utterance(text, case[0], "zh" if number % 2 else "en", number + 2)
    for number, (text, case) in enumerate(zip(TEXTS, CASES, strict=True))
]
RESULTS = [
    Understanding(
        given,
        sure,
        outside,
        ((best, sure), ("退款查询" if best == "refund" else "refund", 1.0 - sure)),
    )
    for _, best, sure, outside, given in CASES
]
THRESHOLD = 0.75


class Oracle:
    """Gives the answers above."""

    version = "made-up-1"
    labels = ("refund", "退款查询")

    def understand(self, texts: list[str]) -> list[Understanding]:
        return [RESULTS[TEXTS.index(text)] for text in texts]


def sample_evaluation() -> Evaluation:
    return evaluate_intent(Oracle(), ROWS, threshold=THRESHOLD)


def sample_dossier() -> Dossier:
    return Dossier(
        data="test <1>.csv",
        model="made-up-1",
        threshold=THRESHOLD,
        written_at=datetime(2026, 3, 1, tzinfo=UTC),
        evaluation=sample_evaluation(),
        rivalry=Rivalry("other-1", compare_paired([True, False], [False, False]), 3, 0.0),
    )
