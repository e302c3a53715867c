"""Relaxed matching of findings with marks, by the span and not one to one.

A finding is right when it shares a character with a mark of its type; a mark is found when it
shares a character with a finding of its type. One long finding over two marks finds both, and two
findings within one mark are both right: neither leaks nor hides more than it should.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from privacy.entities import Span

Neutral = Mapping[str, Collection[str]]
"""Our type -> types of the file: a finding that lies on nothing but these counts neither way."""


@dataclass
class RelaxedCounts:
    gold: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    """Marks that were found."""
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    """Findings that are right."""
    neutral: Counter[str] = field(default_factory=Counter)
    """Findings left out of `found`."""
    negatives: int = 0
    """Texts without any mark."""
    false_alarms: int = 0
    """Findings in such texts."""

    def add(
        self,
        marked: Sequence[Span],
        found: Sequence[Span],
        *,
        types: Collection[str] = (),
        neutral: Neutral,
    ) -> None:
        """One text's marks and findings of every type; only `types` are scored, if any is given."""
        findings = [span for span in found if not types or span.type in types]
        gold = [span for span in marked if not types or span.type in types]
        for span in gold:
            self.gold[span.type] += 1
            self.hit[span.type] += any(matches(span, finding) for finding in findings)
        for finding in findings:
            if is_neutral(finding, marked, neutral):
                self.neutral[finding.type] += 1
                continue
            self.found[finding.type] += 1
            self.right[finding.type] += any(matches(span, finding) for span in gold)
        if not marked:
            self.negatives += 1
            self.false_alarms += len(findings)

    def overall(self) -> dict[str, Any]:
        return _figures(
            self.gold.total(),
            self.hit.total(),
            self.found.total(),
            self.right.total(),
            self.neutral.total(),
        )

    def per_type(self) -> dict[str, dict[str, Any]]:
        return {
            kind: _figures(
                self.gold[kind],
                self.hit[kind],
                self.found[kind],
                self.right[kind],
                self.neutral[kind],
            )
            for kind in sorted({*self.gold, *self.found, *self.neutral})
        }

    def false_alarms_per_100(self) -> float | None:
        return 100 * self.false_alarms / self.negatives if self.negatives else None


def matches(mark: Span, finding: Span) -> bool:
    return mark.type == finding.type and _overlap(mark, finding)


def is_neutral(finding: Span, marked: Sequence[Span], neutral: Neutral) -> bool:
    touched = {span.type for span in marked if _overlap(span, finding)}
    return bool(touched) and touched <= set(neutral.get(finding.type, ()))


def _overlap(one: Span, two: Span) -> bool:
    return one.start < two.end and two.start < one.end


def _figures(gold: int, hit: int, found: int, right: int, neutral: int) -> dict[str, Any]:
    precision, recall = _share(right, found), _share(hit, gold)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f_score(precision, recall, beta=1),
        "f2": f_score(precision, recall, beta=2),
        "gold": gold,
        "found": found,
        "neutral": neutral,
    }


def f_score(precision: float | None, recall: float | None, *, beta: float) -> float | None:
    """F-beta (van Rijsbergen, Information Retrieval, 1979, chapter 7).

    Where nothing was marked or nothing found, the other figure alone tells that it is worth 0.
    """
    if precision is None and recall is None:
        return None
    if not precision or not recall:
        return 0.0
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
