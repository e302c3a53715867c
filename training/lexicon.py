"""Teach the lexical part of an intent model, and say how much it counts beside the network.

One linear machine a label, against all others (Fan et al. 2008, LIBLINEAR; squared hinge), over
tf-idf of words and pairs of words: the usual strong baseline for long texts. Without a bias, so
that a text of unknown words moves nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from chatbot.adapters.intent_lexicon import Lexicon, Terms, count_terms, weigh
from chatbot.adapters.intent_scoring import Floats, softmax
from training.calibration import fit_temperature
from training.progress import SilentWatch, Watch

STAGE = "Words"

MOST_TERMS = 1 << 18
"""Those that most rows hold; a file holds twice as many bytes of each as there are labels."""
FEWEST_ROWS = 2
"""A term of one row says nothing about another row."""
PENALTY = 1.0
"""Of an error, against the size of the weights."""
SHARES = (0.0, *(2.0**power for power in np.arange(-4.0, 4.5, 0.5)))
"""What the words may count, where 1 is as much as the network: both as their own temperatures
make them."""

Targets = NDArray[np.int64]


def fit_lexicon(
    texts: Sequence[str],
    targets: Targets,
    *,
    labels: int,
    seed: int = 1,
    watch: Watch | None = None,
) -> Lexicon:
    """With a scale of 1. Rows with a target below 0 are left out.

    9,052 messages of 20 Newsgroups took 15 seconds of one core.
    """
    heard = watch or SilentWatch()
    taught = targets >= 0
    heard.stage(STAGE, int(taught.sum()) + labels)
    counted = []
    for number in np.flatnonzero(taught).tolist():
        counted.append(count_terms(texts[number]))
        heard.advance()
    hashes, idf = _vocabulary(counted)
    weights = np.zeros((len(hashes), labels), dtype=np.float16)
    if len(hashes):
        table = _table(counted, hashes, idf)
        for label in range(labels):
            weights[:, label] = _fitted(table, targets[taught] == label, seed)
            heard.advance()
    return Lexicon(hashes, idf, weights, scale=1.0)


def choose_scale(network: Floats, words: Floats, targets: Targets) -> float:
    """The factor on the logits of the words that, added to the network's, surprise least; 0 where
    nothing added does.

    Both (n, in-scope labels), of in-scope rows that neither part was taught. A temperature is
    fitted for every factor: else more words would be chosen only for making the network surer.
    """
    if not words.any():
        return 0.0
    unit = fit_temperature(network, targets) / fit_temperature(words, targets)
    scales = [float(share * unit) for share in SHARES]
    surprises = [_surprise(network + scale * words, targets) for scale in scales]
    return scales[int(np.argmin(surprises))]


def _surprise(logits: Floats, targets: Targets) -> float:
    probabilities = softmax(logits / fit_temperature(logits, targets))
    chosen = probabilities[np.arange(len(targets)), targets]
    return -float(np.mean(np.log(np.maximum(chosen, 1e-12))))


def _vocabulary(counted: Sequence[Terms]) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    held = np.concatenate([np.zeros(0, np.uint32), *(terms.hashes for terms in counted)])
    hashes, rows = np.unique(held, return_counts=True)
    kept = rows >= FEWEST_ROWS
    hashes, rows = hashes[kept], rows[kept]
    most = np.sort(np.argsort(-rows, kind="stable")[:MOST_TERMS])
    hashes, rows = hashes[most], rows[most]
    return hashes, (1.0 + np.log((1 + len(counted)) / (1 + rows))).astype(np.float32)


def _table(
    counted: Sequence[Terms], hashes: NDArray[np.uint32], idf: NDArray[np.float32]
) -> csr_matrix:
    weighed = [weigh(terms, hashes, idf) for terms in counted]
    ends = np.cumsum([0, *(len(places) for places, _ in weighed)])
    places, values = (np.concatenate(column) for column in zip(*weighed, strict=True))
    return csr_matrix((values, places, ends), shape=(len(weighed), len(hashes)))


def _fitted(table: csr_matrix, members: NDArray[np.bool_], seed: int) -> Floats:
    """(known,); zeros where there is nothing to tell apart."""
    if members.all() or not members.any():
        return np.zeros(table.shape[1])
    machine = LinearSVC(C=PENALTY, fit_intercept=False, random_state=seed)
    with warnings.catch_warnings():
        # The last digits of the weights are not worth waiting for.
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(table, members)
    return np.asarray(machine.coef_[0], dtype=np.float64)
