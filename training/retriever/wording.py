"""How far the wording of a question alone tells whether its article answers it, and weights that
undo it.

Whoever writes near-misses words them a little differently from questions that are answered. A
model that is taught both learns the difference in wording, which customers do not share, instead
of looking for the fact. Weighted by the odds of the other kind (as importance weights for a shift
of covariates, Shimodaira 2000), both kinds are worded alike on the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from training.retriever.lessons import Lessons

_PARTS = 5
_LEAST, _MOST = 0.2, 5.0
"""No question counts for less or more than this, against the mean of its kind."""


def weights_by_wording(lessons: Lessons) -> NDArray[np.float64]:
    """`(questions,)`, with a mean of 1 in each kind; judged by what trades other than its own say.

    1 for all where there are too few trades to judge.
    """
    asked = lessons.questions
    weights = np.ones(len(asked))
    languages = np.array([lessons.articles[each.article].language for each in asked])
    for language in sorted(set(languages.tolist())):
        rows = np.flatnonzero(languages == language)
        trades = [lessons.articles[asked[row].article].trade for row in rows]
        kinds = np.array([asked[row].answered for row in rows])
        chances = _chances([asked[row].text for row in rows], kinds, trades)
        odds = chances / (1 - chances)
        found = np.where(kinds, 1 / odds, odds)
        for kind in (True, False):
            part = kinds == kind
            if part.any():
                clipped = np.clip(found[part] / found[part].mean(), _LEAST, _MOST)
                weights[rows[part]] = clipped / clipped.mean()
    return weights


def _chances(
    texts: Sequence[str], kinds: NDArray[np.bool_], trades: Sequence[str]
) -> NDArray[np.float64]:
    """That a question worded so is answered, `(n,)` strictly between 0 and 1."""
    names = sorted(set(trades))
    own = np.array(trades)
    chances = np.full(len(texts), 0.5)
    if len(names) < _PARTS or len(set(kinds.tolist())) < 2:
        return chances
    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    rows = runs.fit_transform(texts)
    for part in range(_PARTS):
        judged = np.isin(own, names[part::_PARTS])
        # Balanced: how many of each kind were written says nothing of their wording.
        model = LogisticRegression(C=3.0, max_iter=300, class_weight="balanced")
        model.fit(rows[~judged], kinds[~judged])
        chances[judged] = model.predict_proba(rows[judged])[:, 1]
    return np.asarray(np.clip(chances, 0.01, 0.99))
