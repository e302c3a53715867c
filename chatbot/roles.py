"""Who does it, the company or the customer: "we refund you" is not "you refund us".

Weakness: only words that follow their pronoun closely are compared; "the customer" counts as
"you" and a passive without a doer says nothing.
"""

from __future__ import annotations

import re

from chatbot.vocabulary import han_words, is_ordinary
from knowledge_base.han import has_han
from knowledge_base.segmentation import stem

_WE = {"we", "us", "our", "ours", "ourselves"}
_YOU = {"you", "your", "yours", "yourself"}
_SKIPPED = set(
    """will can may must shall should could would do does did not never always also only
    then please have has had need to be been already usually normally cannot can't don't won't first
    just gladly still either""".split()
)
_CHINESE = re.compile(r"我们|我司|我方|本店|本公司|[您你]们?|顾客|客户|请|由您|由我们")
_CLAUSE = re.compile(r"[,，;；。.!?:：]")
_CHINESE_SKIPPED = set(
    (
        "会 将 会在 可 可以 能 须 必须 需 需要 要 应 应该 不 不会 不能 在 将会 "
        "才 也 都 就 已 已经 的 由 收到 自行 自己"
    ).split()
)


def swapped_roles(sentence: str, source: str) -> list[str]:
    """Words of the sentence that the source says only of the other side."""
    known = _sides(source, imperatives=True)
    return [
        word
        for word, sides in _sides(sentence, imperatives=False).items()
        if word in known and not sides & known[word]
    ]


def _sides(sentence: str, *, imperatives: bool) -> dict[str, set[str]]:
    """Verbs and owned things with the sides (`we`, `you`) they belong to."""
    return (
        _chinese_sides(sentence)
        if has_han(sentence)
        else _english_sides(sentence, imperatives=imperatives)
    )


def _english_sides(sentence: str, *, imperatives: bool) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for clause in _CLAUSE.split(sentence.lower()):
        words = re.findall(r"[a-z']+", clause)
        for number, word in enumerate(words):
            if word in _WE or word in _YOU:
                following = [each for each in words[number + 1 :] if each not in _SKIPPED][:1]
                kind = "verb " if word in {"we", "you"} else "thing "
                # "pay you" is no deed of yours
                for each in following:
                    if not is_ordinary(stem(each)):
                        key = stem(each)
                        found.setdefault(key if kind == "verb " else f"{kind}{key}", set()).add(
                            "we" if word in _WE else "you"
                        )
        if imperatives and words and words[0] not in _WE | _YOU and not is_ordinary(stem(words[0])):
            found.setdefault(stem(words[0]), set()).add("you")  # an imperative, or a noun
        for number, word in enumerate(words[1:], start=1):
            if word in {"us", "you"} and not is_ordinary(stem(words[number - 1])):
                found.setdefault(f"to {stem(words[number - 1])}", set()).add(
                    "we" if word == "us" else "you"
                )
    return found


def _chinese_sides(sentence: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for clause in _CLAUSE.split(sentence):
        marks = list(_CHINESE.finditer(clause))
        for number, mark in enumerate(marks):
            side = "we" if re.search("我|本", mark.group()) else "you"
            end = marks[number + 1].start() if number + 1 < len(marks) else len(clause)
            rest = clause[mark.end() : end]
            owned = rest.startswith("的")
            for word in han_words(rest)[: 3 if owned else 8]:
                if len(word) > 1 and word not in _CHINESE_SKIPPED and not is_ordinary(word):
                    found.setdefault(word, set()).add(side)
    return found
