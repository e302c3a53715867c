"""How sure the name model must be: chosen on sentences that it was not taught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatbot.adapters.name_network import KINDS, Floats, spans_of
from training.evaluation.pii import overlap_matches
from training.names.trainer import Read

NEARLY = 0.005
GRID = (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True)
class Figures:
    """By overlap, of one kind."""

    precision: float
    recall: float
    f2: float


def choose_thresholds(sentences: Sequence[Read], shares: Sequence[Floats]) -> dict[str, float]:
    """For each kind the lowest threshold whose F2 is nearly the best: what is missed leaks.

    Both are moved together, for a word is one or the other.
    """
    measured = {
        threshold: measure(sentences, shares, dict.fromkeys(KINDS, threshold)) for threshold in GRID
    }
    return {
        kind: lowest_near_best({one: figures[kind].f2 for one, figures in measured.items()})
        for kind in KINDS
    }


def lowest_near_best(f2: Mapping[float, float]) -> float:
    best = max(f2.values())
    return min(threshold for threshold, one in f2.items() if one >= best - NEARLY)


def measure(
    sentences: Sequence[Read], shares: Sequence[Floats], thresholds: Mapping[str, float]
) -> dict[str, Figures]:
    gold, found, right = Counter[str](), Counter[str](), Counter[str]()
    for sentence, share in zip(sentences, shares, strict=True):
        spans = list(spans_of(sentence.words, share, thresholds=thresholds))
        gold.update(span.type for span in sentence.labelled.spans)
        found.update(span.type for span in spans)
        right.update(overlap_matches(sentence.labelled.spans, spans))
    return {
        kind: Figures(
            right[kind] / max(1, found[kind]),
            right[kind] / max(1, gold[kind]),
            5 * right[kind] / max(1, 4 * gold[kind] + found[kind]),
        )
        for kind in KINDS
    }
