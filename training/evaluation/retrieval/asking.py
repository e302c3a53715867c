"""Queries go in one at a time, as customers come; what was found, how far down, how fast."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge_base.passages import Hit
from training.evaluation.retrieval.queries import Query

DEPTH = 10
"""Articles that are looked at."""
WARM_UP = 3
"""Queries asked once before the clock counts: the first ones load what is loaded late."""


@dataclass(frozen=True)
class Answer:
    documents: tuple[str, ...]
    """Ids, best first."""
    score: float
    """Of the first one; 0 where nothing was found."""
    milliseconds: float

    def rank(self, expected: Sequence[str]) -> int | None:
        """From 1, of the first right document; None where none was found."""
        for place, document in enumerate(self.documents, start=1):
            if document in expected:
                return place
        return None


def ask_all(
    queries: Sequence[Query],
    ask: Callable[[Query, int], list[Hit]],
    *,
    advance: Callable[[], None] = lambda: None,
) -> list[Answer]:
    for query in queries[:WARM_UP]:
        ask(query, DEPTH)
    answers = []
    for query in queries:
        started = time.perf_counter()
        hits = ask(query, DEPTH)
        elapsed = (time.perf_counter() - started) * 1000
        # What says the same as a hit is found just behind it.
        found = [name for hit in hits for name in (hit.passage.document_id, *hit.duplicates)]
        answers.append(Answer(tuple(found[:DEPTH]), hits[0].score if hits else 0.0, elapsed))
        advance()
    return answers
