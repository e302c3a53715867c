"""Words of both languages in no order: what is no name, in more words than sentences have."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from pathlib import Path

import jieba
from tokenizers import Tokenizer

from knowledge_base.han import has_han
from knowledge_base.segmentation import chinese_words

_LEAST_FREQUENT = 30
# Tags of the dictionary: names, and what is put together from them.
_NAMES = ("nr", "nz", "nt", "nrt", "x", "i", "l")
_PLACES = "ns"
_LITTLE_ZH = (
    "的 了 是 在 吗 我 你 要 不 就 还 和 给 跟 从 被 很 都 有 没 怎么 可以 一个 这个 那个 为什么"
).split()
_LITTLE_EN = (
    "the a is my your of to in on for with and it not how can i was this that what when".split()
)
_SPACE = "\u2581"


class Babble:
    """Every draw is the random generator's."""

    def __init__(self, draw: random.Random, encoder: Path, *, names: Collection[str]) -> None:
        """`names`: Latin words that may not pass for a word of the language."""
        self._draw = draw
        self._chinese, self.places = _dictionary()
        self._english = _vocabulary(encoder, {name.lower() for name in names})

    def phrase(self, *, chinese: bool) -> str:
        return self._chinese_phrase() if chinese else self._english_phrase()

    def swapped(self, text: str, *, chinese: bool) -> str:
        """`text` with one or two of its words replaced by any others."""
        words = [word for word, _ in chinese_words(text)] if chinese else text.split(" ")
        for place in self._draw.sample(
            range(len(words)), min(len(words), self._draw.randint(1, 2))
        ):
            if words[place].isalpha():
                words[place] = self.thing(chinese=chinese)
        return ("" if chinese else " ").join(words)

    def thing(self, *, chinese: bool) -> str:
        return self._draw.choice(self._chinese if chinese else self._english)

    def _chinese_phrase(self) -> str:
        draw = self._draw
        words = [
            draw.choice(_LITTLE_ZH if draw.random() < 0.35 else self._chinese)
            for _ in range(draw.randint(2, 7))
        ]
        if draw.random() < 0.3:
            words.insert(draw.randrange(len(words)), draw.choice(self.places))
        return draw.choice(("", "", "，", " ")).join(words)

    def _english_phrase(self) -> str:
        draw = self._draw
        words = [
            draw.choice(_LITTLE_EN if draw.random() < 0.4 else self._english)
            for _ in range(draw.randint(3, 9))
        ]
        cases: tuple[Callable[[str], str], ...] = (str.lower, str.lower, _sentence, str.title)
        return draw.choice(cases)(" ".join(words))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _dictionary() -> tuple[list[str], list[str]]:
    words, places = [], []
    with jieba.get_dict_file() as file:
        for line in file:
            word, count, tag = line.decode("utf-8").split()
            if len(word) < 2 or int(count) < _LEAST_FREQUENT or not has_han(word):
                continue
            if tag == _PLACES:
                places.append(word)
            elif not tag.startswith(_NAMES):
                words.append(word)
    return words, places


def _vocabulary(encoder: Path, names: Collection[str]) -> list[str]:
    """Small Latin words that the encoder knows whole."""
    pieces = Tokenizer.from_file(str(encoder / "tokenizer.json")).get_vocab()
    # Of vocabularies that do not mark where a word begins, all pieces that are not inner ones.
    marked = [piece[1:] for piece in pieces if piece.startswith(_SPACE)]
    words = marked or [piece for piece in pieces if not piece.startswith("##")]
    return sorted(
        word
        for word in words
        if len(word) > 2
        and word.isascii()
        and word.isalpha()
        and word.islower()
        and word not in names
    )
