"""Measure what finds personal data against texts in which people marked it.

Two rules of matching, both one to one and only between spans of the same type. Exact: start and
end are the same. Overlap: at least one character is shared; of several candidates the one that
shares most counts. What leaks is said by a third figure, whatever the type: the share of marked
characters that some finding covers. A third rule, relaxed, counts spans but not one to one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatbot.pii_file import MarkedText
from privacy.entities import Span
from training.evaluation.pii_relaxed import Neutral, RelaxedCounts

Report = dict[str, Any]


RULES = {
    "exact": "same type, start and end",
    "overlap": "same type, at least one character shared, one to one",
    "relaxed": "same type, at least one character shared, not one to one",
    "character_recall": "marked characters covered by a finding of any type",
}


@dataclass
class _Counts:
    gold: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    overlap: Counter[str] = field(default_factory=Counter)
    marked: int = 0
    covered: int = 0


def evaluate_pii(
    rows: Iterable[MarkedText],
    detect: Callable[[str], Sequence[Span]],
    *,
    types: Collection[str] = (),
    neutral: Neutral | None = None,
) -> Report:
    """`overall` and `per_type` by the exact rule, `..._overlap` and `..._relaxed` by the others.

    `types` leaves every other type out of both sides. A false alarm is a finding in a text in which
    nothing at all is marked.
    """
    counts, relaxed, texts, seconds = _Counts(), RelaxedCounts(), 0, 0.0
    for row in rows:
        if not texts:
            # The first call may have to load a model.
            detect(row.text)
        texts += 1
        began = time.perf_counter()
        found = detect(row.text)
        seconds += time.perf_counter() - began
        relaxed.add(row.spans, found, types=types, neutral=neutral or {})
        _count(counts, _of(row.spans, types), _of(found, types), everything=found)
    return {
        "n": texts,
        "matching": RULES,
        "overall": _all(counts, counts.exact),
        "per_type": _each(counts, counts.exact),
        "overall_overlap": _all(counts, counts.overlap),
        "per_type_overlap": _each(counts, counts.overlap),
        "character_recall": _share(counts.covered, counts.marked),
        "overall_relaxed": relaxed.overall(),
        "per_type_relaxed": relaxed.per_type(),
        "negatives": relaxed.negatives,
        "false_alarms": relaxed.false_alarms,
        "false_alarms_per_100_negatives": relaxed.false_alarms_per_100(),
        "lines_per_second": texts / seconds if seconds else None,
    }


def renamed(rows: Iterable[MarkedText], names: Mapping[str, str]) -> list[MarkedText]:
    """The same marks under the product's names of types."""
    return [
        replace(
            row,
            spans=tuple(
                replace(span, type=names.get(span.type, span.type).strip()) for span in row.spans
            ),
        )
        for row in rows
    ]


def _of(spans: Iterable[Span], types: Collection[str]) -> list[Span]:
    return [span for span in spans if not types or span.type in types]


def _count(
    counts: _Counts, gold: Sequence[Span], found: Sequence[Span], *, everything: Sequence[Span]
) -> None:
    counts.gold.update(span.type for span in gold)
    counts.found.update(span.type for span in found)
    counts.exact.update(exact_matches(gold, found))
    counts.overlap.update(overlap_matches(gold, found))
    hidden = {place for span in everything for place in range(span.start, span.end)}
    marked = {place for span in gold for place in range(span.start, span.end)}
    counts.marked += len(marked)
    counts.covered += len(marked & hidden)


def exact_matches(gold: Sequence[Span], found: Sequence[Span]) -> list[str]:
    left = Counter((span.start, span.end, span.type) for span in gold)
    right = Counter((span.start, span.end, span.type) for span in found)
    return [kind for _, _, kind in (left & right).elements()]


def overlap_matches(gold: Sequence[Span], found: Sequence[Span]) -> list[str]:
    pairs = sorted(
        (
            (_shared(one, two), i, j)
            for i, one in enumerate(gold)
            for j, two in enumerate(found)
            if one.type == two.type and _shared(one, two) > 0
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    taken_gold, taken_found, matched = set[int](), set[int](), []
    for _, i, j in pairs:
        if i not in taken_gold and j not in taken_found:
            taken_gold.add(i)
            taken_found.add(j)
            matched.append(gold[i].type)
    return matched


def _shared(one: Span, two: Span) -> int:
    return min(one.end, two.end) - max(one.start, two.start)


def _all(counts: _Counts, matched: Counter[str]) -> Report:
    return _figures(matched.total(), counts.gold.total(), counts.found.total())


def _each(counts: _Counts, matched: Counter[str]) -> Report:
    return {
        kind: _figures(matched[kind], counts.gold[kind], counts.found[kind])
        for kind in sorted({*counts.gold, *counts.found})
    }


def _figures(matched: int, gold: int, found: int) -> Report:
    """F2 weighs recall twice as much as precision: what is missed leaks."""
    return {
        "precision": _share(matched, found),
        "recall": _share(matched, gold),
        "f1": _share(2 * matched, gold + found),
        "f2": _share(5 * matched, 4 * gold + found),
        "gold": gold,
        "found": found,
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
