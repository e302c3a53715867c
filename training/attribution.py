"""Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365): what each part adds."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from numpy.polynomial.legendre import leggauss

from training.corpus import HAN

Score = Callable[[torch.Tensor], torch.Tensor]
"""(b, t, d) embeddings to (b,) scores; each row on its own."""

BATCH_STEPS = 8


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, from `start` to before `end`, in characters."""

    start: int
    end: int
    score: float


def integrate_gradients(
    score: Score, point: torch.Tensor, baseline: torch.Tensor, *, steps: int
) -> torch.Tensor:
    """(t, d) twice to (t, d): parts whose sum is the score of `point` less that of `baseline`.

    The integral along the straight line is taken by Gauss and Legendre's rule, which is exact for
    polynomials up to degree 2 · `steps` - 1; what is left over for a network, the completeness
    gap, is for the caller to measure and to tell.
    """
    places, weights = leggauss(steps)  # on [-1, 1]
    alphas = torch.from_numpy((places + 1) / 2).to(point.dtype)
    shares = torch.from_numpy(weights / 2).to(point.dtype)
    slope = torch.zeros_like(point)
    for start in range(0, steps, BATCH_STEPS):
        part = slice(start, start + BATCH_STEPS)
        path = baseline + alphas[part, None, None] * (point - baseline)  # (b, t, d)
        path.requires_grad_()
        (gradients,) = torch.autograd.grad(score(path).sum(), path)
        slope += (shares[part, None, None] * gradients).sum(dim=0)
    return (point - baseline) * slope


def join_words(text: str, pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces of one Latin word become one; Chinese stays in the pieces the tokenizer cut.

    `pieces` come in the order of the text. Spaces at the ends of a piece are cut off, and what
    was credited to nothing but spaces goes to the next piece.
    """
    words: list[Piece] = []
    credited = 0.0
    for piece in pieces:
        start, end = _trimmed(text, piece)
        if start == end:
            credited += piece.score
            continue
        score, credited = piece.score + credited, 0.0
        if words and _same_word(text, words[-1], start):
            last = words.pop()
            words.append(Piece(last.start, max(last.end, end), last.score + score))
        else:
            words.append(Piece(start, end, score))
    if words and credited:
        last = words.pop()
        words.append(Piece(last.start, last.end, last.score + credited))
    return words


def _trimmed(text: str, piece: Piece) -> tuple[int, int]:
    inner = text[piece.start : piece.end]
    start = piece.start + len(inner) - len(inner.lstrip())
    return (start, start + len(inner.strip())) if inner.strip() else (piece.start, piece.start)


def _same_word(text: str, last: Piece, start: int) -> bool:
    if start != last.end:
        # Several tokens of one character, as rare ones are cut into bytes.
        return start < last.end
    return _in_word(text[start - 1]) and _in_word(text[start])


def _in_word(character: str) -> bool:
    letter = unicodedata.category(character)[0] in "LNM" or character in "'’"
    return letter and not HAN.match(character)
