"""Texts become vectors: the seam, and what every encoder behind it shares."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from knowledge_base.errors import EncoderUnusable

Vectors = NDArray[np.float32]
"""`(n, d)`, each row of length 1."""

LONGEST_TOKENS = 256
BATCH = 32


class Embedder(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text may get another vector."""
        ...

    @property
    def dimension(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """`(n, dimension)`, for what customers ask; similar questions lie close."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """`(n, dimension)`, for what answers them."""
        ...


@dataclass(frozen=True)
class TokenBatch:
    """`ids` and `mask` are `(b, t)` int64; a row is padded on the right where `mask` is 0."""

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]


class TextTokenizer:
    """The `tokenizer.json` of a model directory, without the rest of its library."""

    def __init__(self, directory: Path, *, limit: int = LONGEST_TOKENS) -> None:
        try:
            config = json.loads((directory / "config.json").read_bytes())
            self._tokenizer = Tokenizer.from_str((directory / "tokenizer.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise EncoderUnusable(directory, str(error)) from None
        self._pad = int(config.get("pad_token_id") or 0)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(limit)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        # The batch call wakes a pool of threads, which costs more than one short text.
        if len(texts) == 1:
            return [self._tokenizer.encode(texts[0])]
        return list(self._tokenizer.encode_batch(list(texts)))

    def batch(self, encodings: Sequence[Encoding]) -> TokenBatch:
        shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
        ids = np.full(shape, self._pad, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        return TokenBatch(ids, mask)


def encode_sorted(
    texts: Sequence[str],
    tokenizer: TextTokenizer,
    forward: Callable[[TokenBatch], Vectors],
    *,
    dimension: int,
    abreast: int = 1,
) -> Vectors:
    """Batches of similar length, so that little is spent on padding; rows in the given order.

    Up to `abreast` batches at once, each on a thread of its own. The batches are the same for
    every such number, and so are the vectors.
    """
    vectors = np.empty((len(texts), dimension), dtype=np.float32)
    encodings = tokenizer.encode(texts) if texts else []
    order = sorted(range(len(texts)), key=lambda row: len(encodings[row].ids))
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]

    def fill(rows: list[int]) -> None:
        vectors[rows] = forward(tokenizer.batch([encodings[row] for row in rows]))

    width = min(abreast, len(batches))
    if width <= 1:
        for rows in batches:
            fill(rows)
        return vectors
    with ThreadPoolExecutor(max_workers=width) as pool:
        # The longest first: one that came last would run alone.
        for _ in pool.map(fill, reversed(batches)):
            pass
    return vectors
