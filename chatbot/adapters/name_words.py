"""A text as the name model reads it: words, single Chinese characters, signs, line breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import TextTokenizer
from knowledge_base.tensor_file import mapped_tensor
from privacy.normalise import normalise
from privacy.recognizers.chinese_names import COMPOUND, SURNAMES

Floats = NDArray[np.float32]
Key = TypeVar("Key", bound=Hashable)

_HAN = "\u3400-\u9fff"
_WORD = re.compile(rf"[{_HAN}]|[0-9]+|(?:(?![{_HAN}0-9_])\w)+|\n|[^\s]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DIGIT = re.compile("[0-9]")
_COMPOUND_FIRST = frozenset(name[0] for name in COMPOUND)
_SPACE = "\u2581"
SHAPES = 12
_MOST_KEPT = 20_000
"""Words; a flood of invented ones must not fill the memory."""
_LONGEST = 48
"""Characters of a word that are looked at."""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start: int
    end: int
    apart: bool
    """White space stands before it, or nothing."""


def words_of(text: str) -> list[Word]:
    """Offsets in code points of `text`, which may be of any length."""
    plain = _INVISIBLE.sub(" ", normalise(text))
    if "\n" in text or "\r" in text:
        plain = "".join(
            "\n" if was in "\n\r" else now for was, now in zip(text, plain, strict=True)
        )
    return list(_words(plain))


def _words(plain: str) -> Iterator[Word]:
    before = 0
    for match in _WORD.finditer(plain):
        start, end = match.span()
        yield Word(match.group(), start, end, apart=start > before or start == 0)
        before = end


class Kept(Generic[Key]):
    """What was computed for a word, until there are too many of them."""

    def __init__(self) -> None:
        self._kept: dict[Key, Floats] = {}

    def get(self, key: Key, compute: Callable[[], Floats]) -> Floats:
        found = self._kept.get(key)
        if found is None:
            found = compute()
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found


class WordVectors:
    """Words by the mean of their pieces' vectors in the shared encoder, and by their shape.

    The vectors are read where the file lies: what is not asked for takes no memory.
    """

    def __init__(self, encoder: Path) -> None:
        """Raises EncoderUnusable."""
        self._table = mapped_tensor(
            encoder / "model.safetensors", "embeddings.word_embeddings.weight"
        )
        self._tokenizer = TextTokenizer(encoder)
        self._known = Kept[str]()
        # To unit variance: e5's embeddings are small numbers.
        sample = np.asarray(self._table[:: max(1, len(self._table) // 2000)], dtype=np.float32)
        self._mean, self._scale = sample.mean(axis=0), np.float32(1 / sample.std())

    @property
    def dimension(self) -> int:
        return int(self._table.shape[1]) + SHAPES

    def of(self, words: Sequence[Word]) -> Floats:
        """`(words, dimension)`."""
        rows = np.empty((len(words), self.dimension), dtype=np.float32)
        for place, word in enumerate(words):
            text = word.text[:_LONGEST]
            rows[place, :-SHAPES] = self._meaning(text)
            rows[place, -SHAPES:] = shape_of(text)
            rows[place, -1] = word.apart
        return rows

    def _meaning(self, text: str) -> Floats:
        return self._known.get(text, lambda: self._looked_up(text))

    def _looked_up(self, text: str) -> Floats:
        meaning: Floats = (self._table[self._ids(text)].mean(axis=0) - self._mean) * self._scale
        return meaning

    def _ids(self, text: str) -> list[int]:
        # Which digits they are says nothing, how many does.
        [encoding] = self._tokenizer.encode([_DIGIT.sub("0", text)])
        pieces = list(zip(encoding.ids, encoding.tokens, strict=True))[1:-1]
        # A Chinese character comes with a piece for the space that was not before it.
        return [piece for piece, token in pieces if token != _SPACE] or [encoding.ids[0]]


def shape_of(text: str) -> tuple[float, ...]:
    """`SHAPES` numbers; the last is for `apart`."""
    first = text[0]
    letters = text.isalpha()
    han = "\u3400" <= first <= "\u9fff"
    return (
        float(letters and not han and first.isupper() and not text[1:].isupper()),
        float(letters and not han and len(text) > 1 and text.isupper()),
        float(letters and not han and text.islower()),
        float(letters and len(text) == 1 and first.isupper()),
        float(first.isdigit()),
        min(len(text), 8) / 8 if first.isdigit() else 0.0,
        float(han),
        float(first in SURNAMES),
        float(first in _COMPOUND_FIRST),
        float(text == "\n"),
        float(not text.isalnum()),
        0.0,
    )
