"""Text to token numbers, the same way in training and in service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

TOKEN_LIMIT = 128
"""Longer texts are cut: a customer's concern stands in the first hundred words."""


class Tokens:
    """Safe to share between threads: the tokenizer is set up once and then only read."""

    def __init__(self, tokenizer_file: Path, *, prefix: str = "", limit: int = TOKEN_LIMIT) -> None:
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(limit)
        self._prefix = prefix

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        prefixed = [self._prefix + text for text in texts]
        # The batch call wakes a pool of threads, which costs more than one short text.
        if len(prefixed) == 1:
            return [self._tokenizer.encode(prefixed[0]).ids]
        encodings = self._tokenizer.encode_batch(prefixed)
        return [encoding.ids for encoding in encodings]


def pad(
    rows: Sequence[Sequence[int]], padding_id: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token numbers and attention mask, both (rows, longest row)."""
    width = max((len(row) for row in rows), default=0)
    ids = np.full((len(rows), width), padding_id, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask
