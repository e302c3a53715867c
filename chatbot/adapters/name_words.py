"""A text as the name model reads it: words, single Chinese characters, signs, line breaks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embedding import TextTokenizer
from knowledge_base.segmentation import chinese_words
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
_HAN_RUN = re.compile(f"[{_HAN}]+")
_MOST_COMMON = 14.0
"""Logarithm of the count of the commonest words in jieba's dictionary."""
CONTEXT = 6
_PARTS = ((0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
SHAPES = 15
_VIEWS = 4
"""Of a word: all its pieces, the first, the last, and all of it written small."""
_MOST_KEPT = 20_000
"""Words; a flood of invented ones must not fill the memory."""
_MOST_PIECES = 6
_RAREST = 12.0
"""Logarithm of the number of pieces."""
LONGEST = 48
"""Characters of a word that are looked at."""


class Word(NamedTuple):
    text: str
    start: int
    end: int
    apart: bool
    """White space stands before it, or nothing."""
    part: int = 0
    """Of a Chinese character in the word of the dictionary it belongs to: 1 all of it, 2 its
    beginning, 3 inside, 4 its end."""
    common: float = 0.0
    """How common that word is, up to 1."""


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
    parts = _dictionary_parts(plain)
    for match in _WORD.finditer(plain):
        start, end = match.span()
        part, common = parts.get(start, (0, 0.0))
        yield Word(match.group(), start, end, start > before or start == 0, part, common)
        before = end


def _dictionary_parts(plain: str) -> dict[int, tuple[int, float]]:
    """By place of a Chinese character. A name is seldom a word, and seldom begins within one."""
    if plain.isascii():
        return {}
    found: dict[int, tuple[int, float]] = {}
    for run in _HAN_RUN.finditer(plain):
        place = run.start()
        for word, count in chinese_words(run.group()):
            common = min(math.log1p(count) / _MOST_COMMON, 1.0)
            last = len(word) - 1
            for inside in range(len(word)):
                part = 1 if not last else 2 if not inside else 4 if inside == last else 3
                found[place] = part, common
                place += 1
    return found


def context_of(words: Sequence[Word]) -> Floats:
    """`(words, CONTEXT)`: what of a word hangs on its place in the text."""
    return np.array(
        [(word.apart, word.common, *_PARTS[word.part]) for word in words], dtype=np.float32
    )


class Kept(Generic[Key]):
    """What was computed for a word, until there are too many of them. Several threads may use one:
    each hands out what it computed or what another did, which is the same."""

    def __init__(self) -> None:
        self._kept: dict[Key, Floats] = {}

    def rows(self, keys: Sequence[Key], compute: Callable[[list[Key]], Floats]) -> Floats:
        """A row for each key; `compute` gives those of the keys that are not kept, in order."""
        kept = self._kept
        new = [key for key in dict.fromkeys(keys) if key not in kept]
        found = dict(zip(new, compute(new), strict=True)) if new else {}
        rows = np.concatenate([found[key] if key in found else kept[key] for key in keys])
        if len(kept) > _MOST_KEPT:
            kept = self._kept = {}
        kept.update(found)
        return rows.reshape(len(keys), -1)


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
        self._kept = Kept[str]()
        [empty] = self._tokenizer.encode([""])
        self._unknown = empty.ids[0]
        # To unit variance: e5's embeddings are small numbers.
        sample = np.asarray(self._table[:: max(1, len(self._table) // 2000)], dtype=np.float32)
        self._mean, self._scale = sample.mean(axis=0), np.float32(1 / sample.std())

    @property
    def dimension(self) -> int:
        return _VIEWS * int(self._table.shape[1]) + SHAPES + CONTEXT

    def of(self, words: Sequence[Word]) -> Floats:
        """`(words, dimension)`: meanings and context; at least one word."""
        meanings = self._kept.rows([word.text[:LONGEST] for word in words], self._looked_up)
        return np.concatenate([meanings, context_of(words)], axis=1)

    def meanings(self, texts: list[str]) -> Floats:
        """`(words, dimension - CONTEXT)`: what of a word does not hang on its place."""
        return self._looked_up([text[:LONGEST] for text in texts])

    def _looked_up(self, texts: list[str]) -> Floats:
        size = self._table.shape[1]
        rows = np.empty((len(texts), self.dimension - CONTEXT), dtype=np.float32)
        pieces, small = self._pieces(texts), self._pieces([text.lower() for text in texts])
        for row, text, ids, small_ids in zip(rows, texts, pieces, small, strict=True):
            vectors = (self._table[ids] - self._mean) * self._scale
            row[:size] = vectors.mean(axis=0)
            row[size : 2 * size], row[2 * size : 3 * size] = vectors[0], vectors[-1]
            row[3 * size : 4 * size] = (
                (self._table[small_ids].mean(axis=0) - self._mean) * self._scale
                if small_ids != ids
                else row[:size]
            )
            row[4 * size :] = (
                *shape_of(text),
                min(len(ids), _MOST_PIECES) / _MOST_PIECES,
                min(len(small_ids), _MOST_PIECES) / _MOST_PIECES,
                # The encoder numbers its pieces from the commonest on.
                math.log1p(max(ids)) / _RAREST,
                math.log1p(max(small_ids)) / _RAREST,
            )
        return rows

    def _pieces(self, texts: list[str]) -> list[list[int]]:
        """The ids of each text's pieces, at least one."""
        # Which digits they are says nothing, how many does.
        plain = [_DIGIT.sub("0", text) for text in texts]
        # One call for all of them: a call costs as much as ten words.
        words = self._split(" ".join(plain))
        if len(words) != len(texts):
            words = [[one for part in self._split(text) for one in part] for text in plain]
        return [ids or [self._unknown] for ids in words]

    def _split(self, text: str) -> list[list[int]]:
        """Pieces word by word, where the encoder marks which piece begins one."""
        [encoding] = self._tokenizer.encode([text])
        words: list[list[int]] = []
        for number, piece in list(zip(encoding.ids, encoding.tokens, strict=True))[1:-1]:
            if piece.startswith(_SPACE) or not words:
                words.append([])
            # A Chinese character comes with a piece for the space before it.
            if piece != _SPACE:
                words[-1].append(number)
        return words


def shape_of(text: str) -> tuple[float, ...]:
    """A word's shape without its pieces."""
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
    )
