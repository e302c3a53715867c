"""What the words of a whole text say about its intent: a linear model beside the network.

The network reads the first hundred words; a long letter is told by all of its words together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from chatbot.errors import ModelDirectoryInvalid

LEXICON = "lexicon.safetensors"

Hashes = NDArray[np.uint32]
Floats = NDArray[np.float64]
Span = tuple[int, int]
"""In characters of a text, the end not included."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_PIECE = re.compile(f"[{_HAN}]|[^\\W{_HAN}]+")
"""A Chinese character, or what a space or a sign ends."""
_HASHES, _IDF, _WEIGHTS, _SCALE = "hashes", "idf", "weights", "scale"


@dataclass(frozen=True)
class Terms:
    """The different terms of one text."""

    hashes: Hashes
    """(terms,), ascending."""
    counts: Floats


@dataclass(frozen=True)
class Lexicon:
    """Safe to share between threads. A text of unknown terms gets zeros: it changes nothing.

    Weakness: the terms are hashed, which hides nothing. Whoever guesses one sees that it occurred.
    """

    hashes: Hashes
    """(known,), ascending."""
    idf: NDArray[np.float32]
    """(known,): what a term counts, more where fewer rows held it."""
    weights: NDArray[np.float16]
    """(known, labels)"""
    scale: float
    """Factor on what is added to the network's logits."""

    def __post_init__(self) -> None:
        known = len(self.hashes)
        if self.weights.ndim != 2 or len(self.weights) != known or self.idf.shape != (known,):
            raise ValueError("the terms of the lexicon do not fit their weights")

    def logits(self, texts: Sequence[str]) -> Floats:
        """(n, labels): what to add to the network's."""
        rows = [self.contributions(text)[1].sum(axis=0) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.weights.shape[1]))

    def contributions(self, text: str) -> tuple[Hashes, Floats]:
        """(terms,) and (terms, labels): what each known term of the text adds."""
        places, values = weigh(count_terms(text), self.hashes, self.idf)
        weights = self.weights[places].astype(np.float64)
        return self.hashes[places], self.scale * values[:, None] * weights

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """What `read_lexicon` reads."""
        return {
            _HASHES: self.hashes,
            _IDF: self.idf,
            _WEIGHTS: self.weights,
            _SCALE: np.array(self.scale, dtype=np.float64),
        }


def read_lexicon(path: Path, *, labels: int) -> Lexicon:
    """From a model directory. Raises ModelDirectoryInvalid."""
    tensors = load_file(path / LEXICON)
    try:
        lexicon = Lexicon(
            hashes=tensors[_HASHES].astype(np.uint32),
            idf=tensors[_IDF].astype(np.float32),
            weights=tensors[_WEIGHTS].astype(np.float16),
            scale=float(tensors[_SCALE]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelDirectoryInvalid(path, f"{LEXICON} cannot be used ({error})") from None
    if lexicon.weights.shape[1] != labels:
        raise ModelDirectoryInvalid(
            path, f"{LEXICON} has weights for {lexicon.weights.shape[1]} labels of {labels}"
        )
    return lexicon


def count_terms(text: str) -> Terms:
    """Words, and pairs of neighbours; of Chinese the characters. The same in every process."""
    hashes = np.fromiter(_hashes([piece.encode() for piece in _pieces(text)]), dtype=np.uint32)
    different, counts = np.unique(hashes, return_counts=True)
    return Terms(different, counts.astype(np.float64))


def weigh(
    terms: Terms, known: Hashes, idf: NDArray[np.float32]
) -> tuple[NDArray[np.int64], Floats]:
    """Places among the ascending `known` hashes, and weights whose squares add up to 1.

    The logarithm of the count times the inverse document frequency; a text of a thousand words
    weighs as much as one of ten.
    """
    places = np.searchsorted(known, terms.hashes)
    there = places < len(known)
    there[there] = known[places[there]] == terms.hashes[there]
    values = (1.0 + np.log(terms.counts[there])) * idf[places[there]]
    length = float(np.sqrt(values @ values))
    return places[there], values / max(length, 1e-12)


def locate_terms(text: str) -> Iterator[tuple[int, tuple[Span, ...]]]:
    """The hash of every term, with the pieces it is made of; one that occurs twice comes twice."""
    found = list(_PIECE.finditer(text))
    spans = [match.span() for match in found]
    spelled = [_folded(match.group()).encode() for match in found]
    yield from zip(map(crc32, spelled), ((span,) for span in spans), strict=True)
    for pair, pieces in zip(pairwise(spelled), pairwise(spans), strict=True):
        yield _pair(*pair), pieces


def _hashes(pieces: list[bytes]) -> Iterator[int]:
    yield from map(crc32, pieces)
    for first, second in pairwise(pieces):
        yield _pair(first, second)


def _pair(first: bytes, second: bytes) -> int:
    return crc32(b"%b %b" % (first, second))


def _pieces(text: str) -> list[str]:
    if text.isascii():
        return _PIECE.findall(text.lower())
    return [_folded(piece) for piece in _PIECE.findall(text)]


def _folded(piece: str) -> str:
    return unicodedata.normalize("NFKC", piece).lower()
