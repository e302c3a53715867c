"""What the stages made of the candidates of one query, put into ranks and words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import Embedder, Vectors
from knowledge_base.explanation import STAGES, Standing
from knowledge_base.fusion import FEATURES
from knowledge_base.passages import Passage
from knowledge_base.segmentation import terms


def standings(values: NDArray[np.floating]) -> list[Standing]:
    """`(n,)`, one a candidate."""
    ascending = np.sort(values)
    above = len(values) - np.searchsorted(ascending, values, side="right")
    return [Standing(float(v), int(n) + 1) for v, n in zip(values, above, strict=True)]


def stages_of(features: NDArray[np.float32]) -> list[dict[str, Standing]]:
    """`(n, len(FEATURES))` -> one a candidate."""
    columns = {name: standings(features[:, FEATURES.index(name)]) for name in STAGES}
    return [{name: columns[name][row] for name in STAGES} for row in range(len(features))]


def hint_in(features: NDArray[np.float32]) -> float | None:
    """Of one candidate, `(len(FEATURES),)`."""
    if not features[FEATURES.index("hinted")]:
        return None
    return float(1 / (1 + np.exp(-features[FEATURES.index("hint")])))


def words_shared(query: str, passage: Passage) -> tuple[str, ...]:
    texts = (*passage.questions, passage.title, passage.text)
    held = {term for text in texts for term in terms(text)}
    return tuple(term for term in dict.fromkeys(terms(query)) if term in held)


def nearest_questions(embedder: Embedder, query: Vectors, passages: Sequence[Passage]) -> list[str]:
    """Of each passage; empty where it has none. `query` is `(d,)`.

    An index keeps the vectors of questions, not which question each is of: where there are
    several, they are encoded again.
    """
    several = [passage.questions for passage in passages if len(passage.questions) > 1]
    asked = list(dict.fromkeys(question for questions in several for question in questions))
    cosines = embedder.encode_queries(asked) @ query if asked else ()
    near = dict(zip(asked, cosines, strict=True))
    return [max(p.questions, key=lambda q: near.get(q, 0.0), default="") for p in passages]
