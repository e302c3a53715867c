"""Which words of a sentence bring something new, beyond what its sources say in other words.

Small lists and no embeddings: a synonym that the lists lack looks like a new fact, which errs on
the side of the curated text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from knowledge_base.han import HAN, has_han
from knowledge_base.segmentation import chinese_words, stem, terms

_RUN = re.compile(f"[{HAN}]+")


@dataclass(frozen=True)
class _Vocabulary:
    same: Mapping[str, frozenset[str]]
    """A word with all that may stand for it; English by stems."""
    ordinary: frozenset[str]


def new_words(text: str, source: str) -> list[str]:
    """Words of `text` that neither `source` nor a synonym of its words covers, in order."""
    latin = _latin_words(source)
    english = [word for word in terms(text) if word.isascii() and not word[0].isdigit()]
    found = [word for word in english if not _covered(word, latin)]
    return list(dict.fromkeys([*found, *_new_chinese(text, source)]))


def is_ordinary(word: str) -> bool:
    """Whether it carries no fact of its own; an English word by its stem."""
    return word in _vocabulary("zh" if has_han(word) else "en").ordinary


def same_words(word: str) -> frozenset[str]:
    """Words that may stand for it in either language, itself among them."""
    return _vocabulary("zh" if has_han(word) else "en").same.get(word, frozenset()) | {word}


@lru_cache(maxsize=4096)
def han_words(text: str) -> tuple[str, ...]:
    """Chinese words as the dictionary cuts them, in order."""
    return tuple(word for run in _RUN.findall(text) for word, _ in chinese_words(run))


def all_words(text: str) -> list[str]:
    """English words by their stems, ordinary ones among them, and the Chinese that tell facts."""
    english = [word for word in terms(text) if word.isascii() and not word[0].isdigit()]
    return [*english, *(word for word in han_words(text) if not is_ordinary(word))]


def _covered(word: str, known: Collection[str]) -> bool:
    vocabulary = _vocabulary("en")
    if len(word) < 2 or word in known or word in vocabulary.ordinary:
        return True
    return any(other in known for other in vocabulary.same.get(word, ()))


def _new_chinese(text: str, source: str) -> list[str]:
    vocabulary = _vocabulary("zh")
    characters = set(source)
    return [
        word
        for word in han_words(text)
        if word not in vocabulary.ordinary
        and word not in source
        and not set(word) <= characters
        and not any(other in source for other in vocabulary.same.get(word, ()))
        and not _made_of_known(word, source, vocabulary)
    ]


def _made_of_known(word: str, source: str, vocabulary: _Vocabulary) -> bool:
    """The cut joins words otherwise than the lists do: 会退 is 会 and 退."""
    return all(
        sign in source
        or sign in vocabulary.ordinary
        or any(other in source for other in vocabulary.same.get(sign, ()))
        for sign in word
    )


@cache
def _vocabulary(language: str) -> _Vocabulary:
    path = resources.files("chatbot") / "vocabulary.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))[language]
    change = stem if language == "en" else str
    same: dict[str, frozenset[str]] = {}
    for line in rows["same"]:
        group = frozenset(change(word) for word in line.split())
        for word in group:
            same[word] = same.get(word, frozenset()) | group
    return _Vocabulary(same, frozenset(change(word) for word in rows["ordinary"].split()))


def _latin_words(text: str) -> frozenset[str]:
    return frozenset(word for word in terms(text) if word.isascii())
