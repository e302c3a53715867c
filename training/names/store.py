"""Sentences as the network reads them, every word's vector once."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from chatbot.adapters.name_network import GAP
from chatbot.adapters.name_words import LONGEST, Word, WordVectors, context_of

_AT_ONCE = 2048
APART = -100
"""The tag of a row between texts: no loss."""


class Store:
    def __init__(
        self,
        sentences: Sequence[Sequence[Word]],
        tags: Sequence[Sequence[int]],
        vectors: WordVectors,
    ) -> None:
        # Row 0 stands between texts.
        places: dict[str, int] = {}
        self._words = [
            torch.tensor([places.setdefault(word.text[:LONGEST], len(places) + 1) for word in one])
            for one in sentences
        ]
        self._context = [torch.from_numpy(context_of(one)) for one in sentences]
        self._tags = [torch.tensor(one) for one in tags]
        self._meanings = _meanings(list(places), vectors)

    def batch(self, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Rows `(n, dimension)`, which of them are real `(n, 1)`, and their tags `(n,)`."""
        size = sum(len(self._words[number]) + GAP for number in numbers)
        words = torch.zeros(size, dtype=torch.long)
        context = torch.zeros(size, self._context[0].shape[1])
        tags = torch.full((size,), APART)
        position = GAP
        for number in numbers:
            stretch = slice(position, position + len(self._words[number]))
            words[stretch], context[stretch] = self._words[number], self._context[number]
            tags[stretch] = self._tags[number]
            position = stretch.stop + GAP
        rows = torch.cat([self._meanings[words].float(), context], dim=1)
        return rows, (words > 0).float().unsqueeze(1), tags


def _meanings(texts: list[str], vectors: WordVectors) -> torch.Tensor:
    """`(words + 1, dimension)`; half of the bits are enough to learn from."""
    parts = [
        torch.from_numpy(vectors.meanings(texts[start : start + _AT_ONCE])).bfloat16()
        for start in range(0, len(texts), _AT_ONCE)
    ]
    return torch.cat([torch.zeros(1, parts[0].shape[1], dtype=torch.bfloat16), *parts])
