"""Texts become search terms: English words by their stems, Chinese by words and by pairs."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator
from functools import cache

from knowledge_base.han import HAN, simplify

with warnings.catch_warnings():
    # It warns of its own old string escapes and of setuptools.
    warnings.simplefilter("ignore")
    import jieba

# Letters and digits part company, so that "iPhone15" is found by "iPhone 15".
_WORD = rf"[^\W\d_{HAN}]+"
_RUNS = re.compile(rf"[{HAN}]+|\d+(?:\.\d+)*|{_WORD}(?:['’]{_WORD})*")
_HAN_RUN = re.compile(f"[{HAN}]")

_ENGLISH_STOP_WORDS = frozenset(
    """a about am an and any are as at be been but by can could did do does for from get got had has
    have hello hey hi how i if in into is it its just like me my of on or our please shall should so
    some thank thanks that the their them then there these they this those to up want was we were
    what when where which who why will with would you your""".split()
)
_CHINESE_STOP_WORDS = frozenset(
    """的 了 吗 呢 吧 啊 呀 嘛 哦 哈 是 在 我 你 您 他 她 它 我们 你们 他们 这 那 这个 那个 就 都 也
    和 与 及 或 有 要 请 请问 一下 一个 个 着 把 被 给 让 对 从 到 会 想 还 很 什么 怎么
    如何""".split()
)
_FUNCTION_CHARACTERS = frozenset("的了吗呢吧啊呀嘛哦哈么什怎我你您他她它们这那")
_CONTRACTION = re.compile(r"['’](?:s|m|d|re|ve|ll|t)$")
_LONGEST_RUN = 2000
"""Characters; nobody asks in a run of more, and cutting takes time."""


def terms(text: str) -> list[str]:
    """Search terms in reading order, with repetitions; empty for a text without letters."""
    plain = simplify(unicodedata.normalize("NFKC", text)).lower()
    found: list[str] = []
    for run in _RUNS.findall(plain):
        if _HAN_RUN.match(run):
            found.extend(_chinese(run[:_LONGEST_RUN]))
        else:
            found.extend(_english(run[:_LONGEST_RUN]))
    return found


def _chinese(run: str) -> Iterator[str]:
    """Words and their parts, then pairs of neighbours, which survive a wrong cut."""
    words = [
        word for word in _jieba().cut_for_search(run, HMM=False) if word not in _CHINESE_STOP_WORDS
    ]
    yield from words
    known = set(words)
    for start in range(len(run) - 1):
        pair = run[start : start + 2]
        if pair not in known and not _FUNCTION_CHARACTERS.intersection(pair):
            yield pair


def _english(word: str) -> Iterator[str]:
    bare = _CONTRACTION.sub("", word)
    if bare not in _ENGLISH_STOP_WORDS:
        yield stem(bare)


def stem(word: str) -> str:
    """Without plural, -ing, -ed and -ly; nothing deeper, so that few meanings are merged."""
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ingly", "edly", "ing", "ed", "ly"):
        if word.endswith(ending) and _has_vowel(rest := word[: -len(ending)]) and len(rest) >= 3:
            word = _undouble(rest)
            break
    # So that "change" meets "changing", and "cancel" meets "cancelled".
    return word[:-1] if len(word) > 4 and word.endswith(("e", "ll")) else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _undouble(word: str) -> str:
    return word[:-1] if word[-1] == word[-2] and word[-1] not in "ls" else word


def _has_vowel(word: str) -> bool:
    return any(letter in "aeiouy" for letter in word)


def chinese_words(run: str) -> Iterator[tuple[str, int]]:
    """The words of the dictionary that a run of Chinese characters is made of, each with its count
    in the dictionary's texts; 0 for a character of no word."""
    tokenizer = _jieba()
    for word in tokenizer.cut(run, HMM=False):
        yield word, tokenizer.FREQ.get(word) or 0


@cache
def _jieba() -> jieba.Tokenizer:
    """Its own initialisation would log and leave a cache file in the temporary folder."""
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
