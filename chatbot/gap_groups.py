"""Unanswered questions that mean the same are put together, in whatever language they came.

Left out are texts in which personal data is still found, though only redacted ones come here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chatbot.dialogue import PLACEHOLDER
from chatbot.gaps import Gap, Unanswered
from knowledge_base.passages import Hit
from privacy.redaction import detect

Vectors = NDArray[np.float32]
"""`(n, d)`, each row of length 1."""

ALIKE = 0.86
"""Least mean cosine of two groups that become one. With e5, 30 short questions of eight topics in
two languages, some worded far apart, fell into 15 groups and none held two topics; at 0.84 some
did."""
POOL = 1000
"""Different questions that are compared, the newest: their cosines take 8 MB."""
EXAMPLES = 2
_STEP = 64


@dataclass(frozen=True)
class _Wording:
    """Questions that differ in case, spaces and signs alone; the newest first."""

    asked: tuple[Unanswered, ...]

    @property
    def text(self) -> str:
        return self.asked[0].text


def find_gaps(
    questions: Iterable[Unanswered],
    *,
    encode: Callable[[Sequence[str]], Vectors],
    nearest: Callable[[str], Hit | None],
    limit: int = 50,
    alike: float = ALIKE,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Gap]:
    """Most asked first, then newest; a question that stands alone is a gap too."""
    wordings = _wordings(questions)[:POOL]
    if not wordings:
        return []
    texts = [wording.text for wording in wordings]
    parts = []
    for start in range(0, len(texts), _STEP):
        progress(start, len(texts))
        parts.append(encode(texts[start : start + _STEP]))
    progress(len(texts), len(texts))
    vectors = np.concatenate(parts)
    groups = cluster(vectors, alike=alike)
    gaps = [_gap([wordings[n] for n in rows], vectors[rows]) for rows in groups]
    gaps.sort(key=lambda gap: (-gap.count, -gap.last_seen.timestamp(), gap.title))
    return [replace(gap, nearest=nearest(gap.title)) for gap in gaps[:limit]]


def cluster(vectors: Vectors, *, alike: float) -> list[list[int]]:
    """Rows that belong together: average linkage, until no two groups are alike enough.

    A group is as close to another as its members are on average, so that no chain of small steps
    joins what means different things (Sokal and Michener 1958).
    """
    cosines = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    groups = [[row] for row in range(len(vectors))]
    while len(groups) > 1:
        one, two = sorted(divmod(int(np.argmax(cosines)), len(vectors)))
        if cosines[one, two] < alike:
            break
        sizes = len(groups[one]), len(groups[two])
        joined = (sizes[0] * cosines[one] + sizes[1] * cosines[two]) / sum(sizes)
        joined[one] = -np.inf
        cosines[one], cosines[:, one] = joined, joined
        cosines[two], cosines[:, two] = -np.inf, -np.inf
        groups[one] += groups[two]
        groups[two] = []
    return [group for group in groups if group]


def _wordings(questions: Iterable[Unanswered]) -> list[_Wording]:
    """Newest first."""
    found: dict[str, list[Unanswered]] = {}
    for question in sorted(questions, key=lambda one: (one.at, one.message_id), reverse=True):
        plain = PLACEHOLDER.sub(" ", question.text)
        if any(letter.isalpha() for letter in plain) and not detect(question.text):
            key = "".join(filter(str.isalnum, plain.casefold()))
            found.setdefault(key, []).append(question)
    return [_Wording(tuple(asked)) for asked in found.values()]


def _gap(wordings: Sequence[_Wording], vectors: Vectors) -> Gap:
    """`vectors` are those of the wordings, `(n, d)`; how often each was asked counts."""
    weights = np.array([len(wording.asked) for wording in wordings], dtype=np.float32)
    central = int(np.argmax(vectors @ (weights @ vectors)))
    asked = [one for wording in wordings for one in wording.asked]
    title = wordings[central].asked[0]
    return Gap(
        title=title.text,
        language=title.language,
        count=len(asked),
        languages=dict(sorted(Counter(one.language for one in asked).items())),
        last_seen=max(one.at for one in asked),
        examples=tuple(_examples(wordings, vectors, central)),
        nearest=None,
    )


def _examples(wordings: Sequence[_Wording], vectors: Vectors, central: int) -> Iterator[str]:
    chosen = [central]
    while len(chosen) <= EXAMPLES and len(chosen) < len(wordings):
        near = (vectors @ vectors[chosen].T).max(axis=1)
        near[chosen] = np.inf
        chosen.append(int(np.argmin(near)))
        yield wordings[chosen[-1]].text
