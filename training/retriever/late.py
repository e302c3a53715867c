"""Each token of a question looks for the token of a passage that is most like it.

Late interaction (Khattab & Zaharia 2020, arXiv 2004.12832) over the tokens that the encoder makes
anyway, with two things added. Tokens of a question count by a share that is learnt. And "none of
these" is a candidate that always scores 0, so that a passage's score says whether it answers at
all: it is above 0 where it does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import torch
from torch import nn

WIDTH = 128
"""Of a token's vector."""
_SHARPNESS = 30.0
_NONE = 0.9
"""Where the scale begins: pretrained tokens are much alike."""
_BARRED = -2.0
"""Below every cosine."""


@dataclass(frozen=True)
class Tokens:
    """Of several texts, one behind the other."""

    vectors: torch.Tensor
    """`(n, WIDTH)`, each of length 1."""
    lengths: tuple[int, ...]
    """Of each text."""

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *accumulate(self.lengths))

    def place(self, number: int) -> slice:
        """Of that text's tokens."""
        return slice(self._starts[number], self._starts[number + 1])

    @property
    def owners(self) -> torch.Tensor:
        """`(n,)`, the text of each token."""
        counts = torch.tensor(self.lengths, device=self.vectors.device)
        return torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts)


@dataclass(frozen=True)
class Questions(Tokens):
    shares: torch.Tensor
    """`(n,)`, those of one question sum to 1."""


class Late(nn.Module):
    def __init__(self, width: int, device: torch.device) -> None:
        super().__init__()
        self.project = nn.Linear(width, WIDTH, bias=False)
        self.share = nn.Linear(width, 1)
        self.sharpness = nn.Parameter(torch.tensor(math.log(_SHARPNESS)))
        self.none = nn.Parameter(torch.tensor(_NONE))
        # At first it keeps what the encoder holds for alike, and all tokens count the same.
        nn.init.orthogonal_(self.project.weight)
        nn.init.zeros_(self.share.weight)
        nn.init.zeros_(self.share.bias)
        self.to(device)

    def passages(self, texts: Sequence[torch.Tensor]) -> Tokens:
        """Of each text `(t, d)`."""
        vectors = nn.functional.normalize(self.project(torch.cat(list(texts))), dim=-1)
        return Tokens(vectors, tuple(map(len, texts)))

    def questions(self, texts: Sequence[torch.Tensor]) -> Questions:
        """Of each text `(t, d)`."""
        tokens = self.passages(texts)
        raw = self.share(torch.cat(list(texts)))[:, 0]
        owners = tokens.owners
        exponents = torch.exp(raw - raw.detach().max())
        sums = torch.zeros(len(texts), device=raw.device).index_add(0, owners, exponents)
        return Questions(tokens.vectors, tokens.lengths, exponents / sums[owners])

    def logits(self, questions: Questions, nearest: torch.Tensor) -> torch.Tensor:
        """`(tokens, p)` cosines of the questions' tokens -> `(questions, p)`."""
        weighted = nearest * questions.shares[:, None]
        empty = torch.zeros(len(questions.lengths), nearest.shape[1], device=nearest.device)
        likeness = empty.index_add(0, questions.owners, weighted)
        return self.sharpness.exp() * (likeness - self.none)


@dataclass(frozen=True)
class Likeness:
    """Of all tokens of some questions to all tokens of some passages."""

    questions: Questions
    passages: Tokens
    cosines: torch.Tensor
    """`(tokens of the questions, tokens of the passages)`"""

    @classmethod
    def between(cls, questions: Questions, passages: Tokens) -> Likeness:
        return cls(questions, passages, questions.vectors @ passages.vectors.T)

    def nearest(self) -> torch.Tensor:
        """`(tokens of the questions, passages)`"""
        parts = torch.split(self.cosines, list(self.passages.lengths), dim=1)
        return torch.stack([part.amax(1) for part in parts], dim=1)

    def nearest_without(self, question: int, passage: int, cut: torch.Tensor) -> torch.Tensor:
        """`(tokens of the question,)`: to that passage without the tokens where `cut` is true."""
        rows = self.questions.place(question)
        columns = self.passages.place(passage)
        return self.cosines[rows, columns].masked_fill(cut, _BARRED).amax(1)
