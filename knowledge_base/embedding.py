"""Texts become vectors: the seam, and what every encoder behind it shares."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from knowledge_base.errors import EncoderUnusable

Vectors = NDArray[np.float32]
"""`(n, d)`, each row of length 1."""

LONGEST_TOKENS = 256
BATCH = 32
_HALF_PAIR = re.compile("[\ud800-\udfff]")


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


@dataclass(frozen=True, eq=False)
class _Vocabulary:
    """Only read, so it serves every model that was trained with it."""

    tokenizer: Tokenizer


_vocabularies: WeakValueDictionary[tuple[str, int], _Vocabulary] = WeakValueDictionary()
"""Those in use. A multilingual one takes 100 MB, as much as its encoder at 8 bits; without this
an exchange of models would hold it twice."""
_one_loads = threading.Lock()


def _vocabulary(path: Path, limit: int) -> _Vocabulary:
    text = path.read_text("utf-8")
    key = (hashlib.sha256(text.encode()).hexdigest(), limit)
    with _one_loads:
        found = _vocabularies.get(key)
        if found is None:
            tokenizer = _parsed(text)
            tokenizer.no_padding()
            tokenizer.enable_truncation(limit)
            found = _vocabularies[key] = _Vocabulary(tokenizer)
    return found


def _parsed(text: str) -> Tokenizer:
    try:
        return Tokenizer.from_str(text)
    except Exception as error:  # noqa: BLE001 - the library raises nothing narrower
        raise ValueError(f"tokenizer.json: {error}") from None


class TextTokenizer:
    """The `tokenizer.json` of a model directory, without the rest of its library."""

    def __init__(self, directory: Path, *, limit: int = LONGEST_TOKENS) -> None:
        try:
            config = json.loads((directory / "config.json").read_bytes())
            self._vocabulary = _vocabulary(directory / "tokenizer.json", limit)
        except (OSError, ValueError) as error:
            raise EncoderUnusable(directory, str(error)) from None
        self._pad = int(config.get("pad_token_id") or 0)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Half of a surrogate pair, which a file's JSON may spell, counts as U+FFFD does."""
        tokenizer = self._vocabulary.tokenizer
        whole = [_HALF_PAIR.sub("\ufffd", text) for text in texts]
        # The batch call wakes a pool of threads, which costs more than one short text.
        if len(whole) == 1:
            return [tokenizer.encode(whole[0])]
        return list(tokenizer.encode_batch(whole))

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
    batch: int = BATCH,
) -> Vectors:
    """Batches of similar length, so that little is spent on padding; rows in the given order.

    Up to `abreast` batches at once, each on a thread of its own. The batches are the same for
    every such number, and so are the vectors.
    """
    vectors = np.empty((len(texts), dimension), dtype=np.float32)
    encodings = tokenizer.encode(texts) if texts else []
    order = sorted(range(len(texts)), key=lambda row: len(encodings[row].ids))
    batches = [order[start : start + batch] for start in range(0, len(order), batch)]

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
