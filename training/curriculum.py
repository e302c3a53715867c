"""What a challenger is taught, and what it is measured on: a pure function of the rows.

A sentence that was once held out is held out for good, whichever challenger comes: otherwise a
champion would be examined on rows it was taught.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chatbot import same_words
from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from privacy.redaction import detect
from training.corpus import Utterance, normalise
from training.review import ReviewItem

Rows = tuple[Utterance, ...]


class Part(StrEnum):
    # In the order in which a tie is decided: the second row of an intent is held out, so that
    # even a small intent can be examined.
    HELD_OUT = "held_out"
    TRAIN = "train"
    VALIDATION = "validation"


SHARES = {Part.TRAIN: 0.7, Part.VALIDATION: 0.1, Part.HELD_OUT: 0.2}
SMALLEST_NEW_INTENT = 15
"""Reviewed sentences from which an intent that the base rows lack is taught: about three of them
are held out, the fewest that the gate can judge it by."""


class LeftOut(StrEnum):
    IN_TEST = "in_test"
    """The frozen test set has the sentence."""
    PERSONAL_DATA = "personal_data"
    NEW_INTENT_TOO_SMALL = "new_intent_too_small"


@dataclass(frozen=True)
class BaseRows:
    """What the collection was trained on before anybody reviewed anything."""

    train: Rows
    validation: Rows
    """May be empty: the trainer then holds out rows of its own."""
    test: Rows
    """Frozen."""


@dataclass(frozen=True)
class Curriculum:
    train: Rows
    validation: Rows
    test: Rows
    """The frozen test set, then the reviewed rows that are held out."""
    reviewed: int
    """Reviewed rows in any of the three."""
    held_out: int
    left_out: Mapping[str, int]
    parts: Mapping[str, str]
    """Fingerprint of a reviewed sentence to its part, for the next challenger."""


def plan_curriculum(
    base: BaseRows,
    reviewed: Sequence[ReviewItem],
    *,
    parts: Mapping[str, str],
    smallest_new_intent: int = SMALLEST_NEW_INTENT,
) -> Curriculum:
    """`reviewed` are approved rows, oldest decision first: the last label of a sentence counts,
    also against the base rows. `parts` is what an earlier curriculum gave."""
    left_out: Counter[str] = Counter()
    rows = _usable(reviewed, base.test, left_out)
    rows = _large_enough(rows, base, smallest_new_intent, left_out)
    assigned = assign_parts(rows, parts)
    by_part: defaultdict[str, list[Utterance]] = defaultdict(list)
    for row in rows:
        by_part[assigned[fingerprint(row)]].append(row)
    if not base.validation:
        by_part[Part.TRAIN] += by_part.pop(Part.VALIDATION, [])
    relabelled = {row.key for row in rows}
    return Curriculum(
        train=(*_without(base.train, relabelled), *by_part[Part.TRAIN]),
        validation=(*_without(base.validation, relabelled), *by_part[Part.VALIDATION]),
        test=(*base.test, *by_part[Part.HELD_OUT]),
        reviewed=len(rows),
        held_out=len(by_part[Part.HELD_OUT]),
        left_out=dict(left_out),
        parts=assigned,
    )


def taught_test_rows(taught: Iterable[Utterance], test: Iterable[Utterance]) -> int:
    """How many sentences of the test set are among those that are taught."""
    return len({row.key for row in taught} & {row.key for row in test})


def assign_parts(rows: Sequence[Utterance], parts: Mapping[str, str]) -> dict[str, str]:
    """Old rows keep their part; of each intent and language a new one goes where most is due."""
    assigned = dict(parts)
    strata: defaultdict[tuple[str, str], list[Utterance]] = defaultdict(list)
    for row in rows:
        strata[row.intent, row.language].append(row)
    for stratum in strata.values():
        prints = [fingerprint(row) for row in stratum]
        counts = Counter(assigned[one] for one in prints if one in assigned)
        # By fingerprint, so that the order in which people decided does not matter.
        for one in sorted(one for one in prints if one not in assigned):
            total = counts.total() + 1
            due = {part: SHARES[part] * total - counts[part] for part in Part}
            assigned[one] = max(Part, key=lambda part: round(due[part], 6)).value
            counts[assigned[one]] += 1
    return assigned


def fingerprint(row: Utterance) -> str:
    """Kept for good in place of the sentence."""
    return same_words.fingerprint(row.text)


def _usable(items: Sequence[ReviewItem], test: Rows, left_out: Counter[str]) -> list[Utterance]:
    tested = {row.key for row in test}
    latest = {normalise(item.text): item for item in items if item.label is not None}
    rows = []
    for key, item in latest.items():
        if key in tested:
            left_out[LeftOut.IN_TEST.value] += 1
        elif detect(item.text):
            left_out[LeftOut.PERSONAL_DATA.value] += 1
        else:
            rows.append(Utterance(item.text, item.label or "", item.language))
    # The same rows in another order would look like something new to teach.
    return sorted(rows, key=lambda row: (row.intent, row.language, row.text))


def _large_enough(
    rows: list[Utterance], base: BaseRows, smallest: int, left_out: Counter[str]
) -> list[Utterance]:
    known = {OUT_OF_SCOPE, *(row.intent for row in base.train)}
    counts = Counter(row.intent for row in rows)
    kept = [row for row in rows if row.intent in known or counts[row.intent] >= smallest]
    if len(kept) < len(rows):
        left_out[LeftOut.NEW_INTENT_TOO_SMALL.value] += len(rows) - len(kept)
    return kept


def _without(rows: Rows, keys: set[str]) -> Rows:
    return tuple(row for row in rows if row.key not in keys)
