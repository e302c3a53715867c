"""Each token of a query looks for the token of a passage that is most like it.

Late interaction (Khattab & Zaharia 2020, arXiv 2004.12832) over the tokens of the encoder that
serves the index: a query is read once, whatever the number of passages, and a passage's tokens are
remembered. "None of these" always scores 0, so a passage that scores above it seems to answer.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import Vectors
from knowledge_base.errors import RetrieverMissing
from knowledge_base.passages import Passage
from knowledge_base.storage import sha256_of

HEAD = "late.npz"
_KEPT = 1024
"""Passages whose tokens are remembered, some 30 kB each."""
_AT_ONCE = 8
"""Passages that are read in one batch: padding costs more than a call."""

Tokens = NDArray[np.float16]
"""`(t, w)`, each of length 1."""


@runtime_checkable
class TokenReader(Protocol):
    """An encoder that also gives what it makes of each token."""

    @property
    def fingerprint(self) -> str: ...

    def read_queries(self, texts: Sequence[str]) -> list[Vectors]:
        """`(t, d)` each."""
        ...

    def read_passages(self, texts: Sequence[str]) -> list[Vectors]:
        """`(t, d)` each."""
        ...


@dataclass(frozen=True)
class Head:
    """What a training found out about tokens."""

    project: NDArray[np.float32]
    """`(w, d)`"""
    share: NDArray[np.float32]
    """`(d,)`: how much a token of a query counts, before the softmax over its query."""
    sharpness: float
    none: float
    """Of "none of these", on the scale of cosines."""

    def tokens(self, states: Vectors) -> NDArray[np.float32]:
        """`(t, d)` -> `(t, w)`, each of length 1."""
        projected = states @ self.project.T
        lengths = np.linalg.norm(projected, axis=1, keepdims=True)
        found: NDArray[np.float32] = projected / np.maximum(lengths, np.float32(1e-12))
        return found

    def shares(self, states: Vectors) -> NDArray[np.float32]:
        """`(t, d)` -> `(t,)`, they sum to 1."""
        raw = states @ self.share
        exponents = np.exp(raw - raw.max())
        found: NDArray[np.float32] = exponents / exponents.sum()
        return found

    def save(self, path: Path) -> None:
        scale = np.array([self.sharpness, self.none])
        with path.open("wb") as file:
            np.savez(file, project=self.project, share=self.share, scale=scale)

    @classmethod
    def load(cls, path: Path) -> Head:
        """Raises RetrieverMissing."""
        try:
            with np.load(path, allow_pickle=False) as rows:
                sharpness, none = (float(value) for value in rows["scale"])
                head = cls(rows["project"], rows["share"], sharpness, none)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise RetrieverMissing(path.parent, f"{path.name}: {type(error).__name__}") from None
        if head.project.ndim != 2 or head.share.shape != head.project.shape[1:]:
            raise RetrieverMissing(path.parent, f"{path.name} holds tables of the wrong shape")
        return head


class LateReranker:
    """Threads may share it."""

    def __init__(self, reader: TokenReader, path: Path) -> None:
        self._head = Head.load(path)
        self._reader = reader
        parts = f"{reader.fingerprint}\n{sha256_of(path)}"
        self.fingerprint = hashlib.sha256(parts.encode()).hexdigest()
        self.name = f"late-{self.fingerprint[:8]}"
        self._kept: OrderedDict[tuple[str, str], Tokens] = OrderedDict()
        self._one_keeps = threading.Lock()

    def logits(self, query: str, passages: Sequence[Passage]) -> NDArray[np.float32]:
        if not passages:
            return np.empty(0, dtype=np.float32)
        states = self._reader.read_queries([query])[0]
        asked, shares = self._head.tokens(states), self._head.shares(states)
        likeness = [
            shares @ (asked @ tokens.T.astype(np.float32)).max(axis=1)
            for tokens in self._tokens([_texts_of(passage) for passage in passages])
        ]
        return np.float32(self._head.sharpness) * (np.array(likeness, np.float32) - self._head.none)

    def _tokens(self, keys: Sequence[tuple[str, str]]) -> list[Tokens]:
        with self._one_keeps:
            known = {key: self._kept[key] for key in keys if key in self._kept}
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        known |= zip(missing, self._read(missing), strict=True)
        with self._one_keeps:
            for key in keys:
                self._kept[key] = known[key]
                self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return [known[key] for key in keys]

    def _read(self, keys: Sequence[tuple[str, str]]) -> Iterable[Tokens]:
        texts = _sorted_batches([text for text, _ in keys], self._reader.read_passages)
        headings = _sorted_batches([heading for _, heading in keys], self._reader.read_queries)
        for pair in zip(texts, headings, strict=True):
            yield self._head.tokens(np.concatenate(pair)).astype(np.float16)


def _texts_of(passage: Passage) -> tuple[str, str]:
    """As the training reads an article: its text, and what it asks."""
    heading = passage.questions[0] if passage.questions else passage.title
    return f"{passage.title}\n{passage.text}", heading


def _sorted_batches(
    texts: Sequence[str], read: Callable[[Sequence[str]], list[Vectors]]
) -> list[Vectors]:
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    found: dict[int, Vectors] = {}
    for start in range(0, len(order), _AT_ONCE):
        rows = order[start : start + _AT_ONCE]
        found |= zip(rows, read([texts[row] for row in rows]), strict=True)
    return [found[row] for row in range(len(texts))]
