"""Cut a corpus into parts: the same share of every intent and language, no text in two parts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from training.corpus import Utterance

Groups = list[list[Utterance]]


def split(
    utterances: Sequence[Utterance], shares: Sequence[float], *, seed: int
) -> list[list[Utterance]]:
    """One part a share, rows in their old order.

    `shares` are normalised to sum to one. Texts that differ only in case, width, spacing or
    punctuation stay together, whatever their labels. The order of the rows does not matter: a
    text's place follows from the seed and the text alone.
    """
    total = sum(shares)
    parts: list[set[int]] = [set() for _ in shares]
    for stratum in _strata(utterances, seed=seed).values():
        ends = _ends(len(stratum), [share / total for share in shares])
        start = 0
        for part, end in zip(parts, ends, strict=True):
            part.update(id(row) for group in stratum[start:end] for row in group)
            start = end
    return [[row for row in utterances if id(row) in part] for part in parts]


def folds(utterances: Sequence[Utterance], count: int, *, seed: int) -> list[list[Utterance]]:
    """`count` parts of like size, each with a like share of every intent and language."""
    parts: list[set[int]] = [set() for _ in range(count)]
    turn = 0
    for stratum in _strata(utterances, seed=seed).values():
        for group in stratum:
            parts[turn % count].update(id(row) for row in group)
            turn += 1
    return [[row for row in utterances if id(row) in part] for part in parts]


def _strata(utterances: Sequence[Utterance], *, seed: int) -> dict[tuple[str, str], Groups]:
    groups: defaultdict[str, list[Utterance]] = defaultdict(list)
    for utterance in utterances:
        groups[utterance.key].append(utterance)
    strata: defaultdict[tuple[str, str], Groups] = defaultdict(list)
    for key in sorted(groups, key=lambda key: _place(key, seed)):
        first = min(groups[key], key=lambda row: (row.intent, row.language))
        strata[first.intent, first.language].append(groups[key])
    return dict(sorted(strata.items()))


def _place(key: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{key}".encode()).digest()


def _ends(size: int, shares: Sequence[float]) -> list[int]:
    # Rounding the running total keeps every part within one row of its share.
    running, ends = 0.0, []
    for share in shares:
        running += share
        ends.append(min(size, int(running * size + 0.5)))
    ends[-1] = size
    return ends
