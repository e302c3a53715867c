"""An encoder without weights, for tests and for trying things out."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Sequence

import numpy as np

from knowledge_base.embedding import Vectors


class HashingEmbedder:
    """Texts that share runs of characters lie close; meaning is not seen.

    Every run of one to three characters is hashed into one of `dimension` places with a sign.
    """

    def __init__(self, dimension: int = 256) -> None:
        self.name = "hashing"
        self.fingerprint = f"hashing-{dimension}-1"
        self.dimension = dimension

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts]) if texts else self._nothing()

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self.encode_queries(texts)

    def _nothing(self) -> Vectors:
        return np.empty((0, self.dimension), dtype=np.float32)

    def _vector(self, text: str) -> Vectors:
        padded = f" {' '.join(unicodedata.normalize('NFKC', text).lower().split())} "
        vector = np.zeros(self.dimension, dtype=np.float32)
        for size in (1, 2, 3):
            for start in range(len(padded) - size + 1):
                code = zlib.crc32(padded[start : start + size].encode("utf-8", "replace"))
                vector[code % self.dimension] += size if code & 0x8000_0000 else -size
        length = float(np.linalg.norm(vector))
        return vector / np.float32(length) if length else np.eye(1, self.dimension)[0].astype("f4")
