"""Which intents are taken for which, and the sentences that show it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot.conversation import Understanding
from knowledge_base.storage import write_atomically
from training.corpus import Utterance
from training.spreadsheet import guarded

COLUMNS = ("text", "intent", "predicted", "best", "confidence", "out_of_scope", "language", "line")

Answers = Sequence[Understanding]


@dataclass(frozen=True)
class ConfusedPair:
    gold: str
    predicted: str
    count: int
    examples: tuple[str, ...]
    """The sentences of which the model was surest."""


@dataclass(frozen=True)
class Matrix:
    labels: tuple[str, ...]
    """Of both axes, sorted."""
    counts: NDArray[np.int64]
    """(labels, labels): rows are the gold intents."""


def most_confused(
    utterances: Sequence[Utterance], results: Answers, *, pairs: int = 10, examples: int = 2
) -> list[ConfusedPair]:
    """The most frequent first."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row, result in surest_errors(utterances, results):
        groups[row.intent, result.intent].append(row.text)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        ConfusedPair(gold, predicted, len(texts), tuple(texts[:examples]))
        for (gold, predicted), texts in ranked[:pairs]
    ]


def confusion_matrix(utterances: Sequence[Utterance], results: Answers) -> Matrix:
    """Of the intents that occur on either side."""
    gold = [row.intent for row in utterances]
    predicted = [result.intent for result in results]
    labels = tuple(sorted({*gold, *predicted}))
    places = {label: place for place, label in enumerate(labels)}
    counts: NDArray[np.int64] = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for one, other in zip(gold, predicted, strict=True):
        counts[places[one], places[other]] += 1
    return Matrix(labels, counts)


def write_errors(path: Path, utterances: Sequence[Utterance], results: Answers) -> int:
    """CSV of the rows that the model gets wrong, the surest first; how many there are."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for row, result in surest_errors(utterances, results):
        names = [guarded(cell) for cell in (row.text, row.intent, result.intent)]
        sure = (f"{result.confidence:.4f}", f"{result.out_of_scope:.4f}")
        best = guarded(result.ranking[0][0])
        writer.writerow([*names, best, *sure, guarded(row.language), row.line])
        count += 1
    # With a byte order mark, or Excel reads Chinese as something else.
    write_atomically(path, ("\ufeff" + stream.getvalue()).encode())
    return count


def surest_errors(
    utterances: Sequence[Utterance], results: Answers
) -> Iterator[tuple[Utterance, Understanding]]:
    wrong = [
        (row, result)
        for row, result in zip(utterances, results, strict=True)
        if row.intent != result.intent
    ]
    yield from sorted(wrong, key=lambda pair: -pair[1].confidence)
