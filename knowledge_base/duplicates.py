"""Which passages say the same, so that a person reads it once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from knowledge_base.han import simplify
from knowledge_base.passages import Passage

ALIKE = 0.85
"""Least Jaccard index of the shingles of two texts, and least ratio of their lengths."""
SHINGLE = 3
"""Characters."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_BINS = 61
_KEPT = 2048
"""Texts whose shingles are remembered: some 15 MB."""


def say_the_same(one: Passage, two: Passage) -> bool:
    """Near-identical, question and text together, in one language; case, spaces, punctuation and
    the script of Chinese aside.

    The question comes along because "Yes." answers many. Numbers must be the same: 15 days and
    30 days are two rules, however alike the sentences around them. Weakness: so are two names,
    which a long text outweighs.
    """
    if one.language != two.language:
        return False
    first, second = _spoken(one), _spoken(two)
    if min(len(first), len(second)) < ALIKE * max(len(first), len(second)):
        return False
    return _alike(_wording(first), _wording(second))


@dataclass(frozen=True, eq=False)
class _Wording:
    text: str
    """Letters and digits alone."""
    numbers: tuple[str, ...]
    shingles: NDArray[np.int64]
    """Hashed, ascending, each once; texts shorter than one have none."""
    bins: NDArray[np.int64]
    """`(_BINS,)`, how many of the shingles fall into each."""


def _alike(one: _Wording, two: _Wording) -> bool:
    if one.numbers != two.numbers:
        return False
    if one.text == two.text:
        return True
    total = len(one.shingles) + len(two.shingles)
    # At least so many stand in one of the two only: most pairs need no closer look.
    apart = int(np.abs(one.bins - two.bins).sum())
    if total - apart < ALIKE * (total + apart):
        return False
    shared = len(np.intersect1d(one.shingles, two.shingles, assume_unique=True))
    return shared >= ALIKE * (total - shared) > 0


def _spoken(passage: Passage) -> str:
    asked = passage.questions[0] if passage.questions else passage.title
    return f"{asked}\n{passage.text}"


@lru_cache(maxsize=_KEPT)
def _wording(spoken: str) -> _Wording:
    plain = simplify(unicodedata.normalize("NFKC", spoken)).casefold()
    text = "".join(filter(str.isalnum, plain))
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    shingles = np.sort(_hashed(letters.astype(np.int64)))
    # As np.unique, in a third of its time.
    shingles = shingles[np.diff(shingles, prepend=-1) > 0]
    return _Wording(
        text=text,
        numbers=tuple(sorted(_NUMBER.findall(plain))),
        shingles=shingles,
        bins=np.bincount(shingles % _BINS, minlength=_BINS),
    )


def _hashed(letters: NDArray[np.int64]) -> NDArray[np.int64]:
    """`(n,)` -> `(n - SHINGLE + 1,)`; a code point has at most 21 bits, so no two are confused."""
    count = max(0, len(letters) - SHINGLE + 1)
    parts = (letters[n : n + count] << (21 * n) for n in range(SHINGLE))
    return reduce(np.bitwise_or, parts)
