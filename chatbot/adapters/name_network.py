"""The trained name model in NumPy: a few small products a text, so nothing larger is needed.

Residual blocks of dilated convolutions over word vectors (Yu & Koltun 2016, arXiv 1511.07122;
for tagging Strubell et al. 2017, arXiv 1702.02098), then a tag a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chatbot.adapters.name_words import CONTEXT, Word
from privacy.entities import Span

Floats = NDArray[np.float32]

TAGS = ("O", "B-PERSON", "I-PERSON", "B-ADDRESS", "I-ADDRESS")
KINDS = ("PERSON", "ADDRESS")
DILATIONS = (1, 2, 4, 1)
GAP = max(DILATIONS)
"""Empty rows before each text: no convolution reaches over them, nor round the end."""
RECOGNIZER = "name_model"


class NameTagger:
    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        """Raises KeyError or ValueError where tensors are missing or do not fit each other."""
        self._project = tensors["project.weight"].T, tensors["project.bias"]
        blocks = [
            (tensors[f"blocks.{number}.weight"], tensors[f"blocks.{number}.bias"])
            for number in range(len(DILATIONS))
        ]
        self._tags = tensors["tags.weight"].T, tensors["tags.bias"]
        width = self._width = self._project[0].shape[1]
        shapes = [weight.shape for weight, _ in blocks]
        if shapes != [(width, 3 * width)] * len(DILATIONS) or self._tags[0].shape != (
            width,
            len(TAGS),
        ):
            raise ValueError("the tensors do not fit each other")
        # What a word says to the one behind it, to itself and to the one before it, side by side:
        # one product a block instead of three.
        self._blocks = [
            (np.ascontiguousarray(np.concatenate(np.split(weight.T, 3), axis=1)), bias)
            for weight, bias in blocks
        ]

    @property
    def dimension(self) -> int:
        return int(self._project[0].shape[0])

    def project(self, rows: Floats) -> Floats:
        """`(words, width)` of `(words, dimension)`."""
        return self.enter(self.mean(rows[:, :-CONTEXT]), rows[:, -CONTEXT:])

    def mean(self, meanings: Floats) -> Floats:
        """`(words, width)` of `(words, dimension - CONTEXT)`: what may be kept for a word."""
        found: Floats = meanings @ self._project[0][:-CONTEXT] + self._project[1]
        return found

    def enter(self, meant: Floats, context: Floats) -> Floats:
        """`(words, width)` of what `mean` gave and `(words, CONTEXT)`."""
        found: Floats = meant + context @ self._project[0][-CONTEXT:]
        return np.maximum(found, 0, out=found)

    def probabilities(self, texts: Sequence[Floats]) -> list[Floats]:
        """`(words, TAGS)` for each text of words as `project` or `enter` gave them."""
        if len(texts) == 1:
            return [self._tagged(texts[0].copy(), None)]
        states, starts = padded_rows(texts)
        real = np.zeros((len(states), 1), dtype=np.float32)
        for start, text in zip(starts, texts, strict=True):
            real[start : start + len(text)] = 1
        shares = self._tagged(states, real)
        return [
            shares[start : start + len(text)] for start, text in zip(starts, texts, strict=True)
        ]

    def _tagged(self, states: Floats, real: Floats | None) -> Floats:
        """`states` is written to; `real` is 0 between texts, None where there is but one."""
        for dilation, (weight, bias) in zip(DILATIONS, self._blocks, strict=True):
            seen = self._seen(states @ weight, dilation, bias)
            states += seen if real is None else seen * real
        shares: Floats = states @ self._tags[0] + self._tags[1]
        shares -= shares.max(axis=1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def _seen(self, said: Floats, dilation: int, bias: Floats) -> Floats:
        width = self._width
        seen: Floats = said[:, width : 2 * width] + bias
        if len(said) > dilation:
            seen[dilation:] += said[:-dilation, :width]
            seen[:-dilation] += said[dilation:, 2 * width :]
        return np.maximum(seen, 0, out=seen)


def padded_rows(texts: Sequence[Floats]) -> tuple[Floats, list[int]]:
    """All texts in one array with a gap before each; where each text begins."""
    dimension = texts[0].shape[1]
    rows = np.zeros((sum(len(text) + GAP for text in texts), dimension), dtype=np.float32)
    starts, position = [], GAP
    for text in texts:
        rows[position : position + len(text)] = text
        starts.append(position)
        position += len(text) + GAP
    return rows, starts


def spans_of(
    words: Sequence[Word], shares: Floats, *, thresholds: Mapping[str, float]
) -> Iterator[Span]:
    """A word belongs to a kind whose two tags together reach its threshold; neighbours join."""
    kinds = {
        kind: shares[:, TAGS.index(f"B-{kind}")] + shares[:, TAGS.index(f"I-{kind}")]
        for kind in KINDS
    }
    if all(shares.max() < thresholds[kind] for kind, shares in kinds.items()):
        return
    chosen = [_kind(kinds, place, thresholds) for place in range(len(words))]
    begins = [
        shares[place, TAGS.index(f"B-{kind}")] > shares[place, TAGS.index(f"I-{kind}")]
        if kind
        else False
        for place, kind in enumerate(chosen)
    ]
    edges = [
        place
        for place in range(len(words) + 1)
        if place in (0, len(words)) or chosen[place] != chosen[place - 1] or begins[place]
    ]
    for first, last in pairwise(edges):
        kind = chosen[first]
        if kind is not None:
            score = round(float(kinds[kind][first:last].max()), 3)
            yield Span(words[first].start, words[last - 1].end, kind, RECOGNIZER, score, "learnt")


def _kind(kinds: Mapping[str, Floats], place: int, thresholds: Mapping[str, float]) -> str | None:
    best = max(KINDS, key=lambda kind: kinds[kind][place])
    return best if kinds[best][place] >= thresholds[best] else None
