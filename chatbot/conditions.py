"""On what condition a sentence says something, and what it says comes before what.

Weakness: a condition is found by its marker; "members swim" for "swimming, members only" is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chatbot.vocabulary import han_words, is_ordinary, same_words
from knowledge_base.han import HAN, has_han
from knowledge_base.segmentation import terms

_OPEN = (
    r"\b(?:if|unless|except|provided|as long as|so long as|only when|only if|when|"
    r"with the exception|"
    r"apart from|other than|but not|subject to)\b"
)
_CONDITION = re.compile(
    rf"{_OPEN}(?P<en>[^,;.]*)"
    rf"|(?:如果|如(?!何)|若|假如|只要|只有|除非|除了?|一旦|凭|须在|仅在)(?P<zh>[^,，;；。]*)"
    rf"|(?:^|[,，;；。])(?P<case>[^,，;；。]{{2,24}}?)"
    rf"(?:的情况下|情况下|的话|的前提下|时(?![间段])(?=[,，才可能须应]))"
    rf"|未满[^,，;；。]{{1,8}}|仅限(?P<limited>[^,，;；。]{{2,20}})",
    re.IGNORECASE,
)
_CAUSE = re.compile(r"\b(?:because of|because|due to)\b", re.IGNORECASE)
_STRONG = re.compile(
    r"\b(?:if|unless|except|provided|as long as|so long as|"
    r"only (?:when|if|with|for|by|to)|subject to)\b|"
    r"如果|如(?!何)|若|假如|只要|只有|除非|除(?:了)?|的话|情况下|前提下|一旦",
    re.IGNORECASE,
)
_ALWAYS = re.compile(
    r"\b(?:even (?:if|when|without|though)|regardless|no matter|always|in (?:any|all|every) cases?|"
    r"whether or not|"
    r"everyone|everybody|everywhere|anywhere|every|all|any|anyone|unconditionally|in every)\b|"
    r"即使|即便|哪怕|无论|不论|不管|一律|任何|所有|都可|全都|随便|总是|始终|无条件|也可以?$|也能|也会",
    re.IGNORECASE,
)
_EVEN = re.compile(
    r"\beven (?:if|when|without|though|after|before)\b|\bregardless\b|\bno matter\b|"
    r"\bwhether or not\b|"
    r"即使|即便|哪怕|无论|不论|不管",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?P<before>before|prior to|until|ahead of)\b|"
    r"\b(?P<after>after|once|following|as soon as|from the moment)\b",
    re.IGNORECASE,
)
_CHINESE_ORDERS = re.compile(
    rf"(?P<what>[{HAN}\d]{{1,12}}?)(?:(?P<before>之前|以前|前(?!往|台|面))|"
    rf"(?P<after>之后|以后|后(?!台|面|续|果)))"
)


@dataclass(frozen=True)
class Order:
    before: bool
    words: frozenset[str]
    """What it is before or after."""


def conditions(sentence: str) -> list[str]:
    """The conditions as written, without their markers; normalised by `numerals.plain`."""
    found = []
    for match in _CONDITION.finditer(sentence):
        if not _STRONG.search(match.group()) and not match["limited"]:
            continue
        groups = (match["en"], match["zh"], match["case"], match["limited"])
        text = next((each for each in groups if each), match.group())
        found += [part.strip() for part in _CAUSE.split(text) if part.strip()]
    return found


@lru_cache(maxsize=4096)
def fact_words(text: str) -> frozenset[str]:
    """Words that say what it is about."""
    english = (word for word in terms(text) if word.isascii() and len(word) > 1)
    chinese = han_words(text)
    return frozenset(word for word in (*english, *chinese) if not is_ordinary(word))


def speaks_of(condition: str, text: str) -> bool:
    """Whether the text names more than half of what the condition is about."""
    wanted = fact_words(condition)
    known = fact_words(text)
    if not wanted:
        return True
    chars = set(text)
    common = sum(
        bool(same_words(word) & known) or (has_han(word) and set(word) <= chars) for word in wanted
    )
    numbers = set(re.findall(r"\d+", condition))
    return 2 * common > len(wanted) or bool(numbers & set(re.findall(r"\d+", text)))


def holds_anyway(sentence: str) -> bool:
    """Whether it says that the condition does not matter."""
    return _EVEN.search(sentence) is not None


def holds_always(sentence: str) -> bool:
    return _ALWAYS.search(sentence) is not None


def orders(sentence: str) -> list[Order]:
    """Every before and after with the words of what follows it; in Chinese of what precedes."""
    found = []
    for match in _ORDERS.finditer(sentence):
        words = re.findall(r"[a-z']+", sentence[match.end() :].lower())[:7]
        found.append(Order(match["before"] is not None, fact_words(" ".join(words))))
    for match in _CHINESE_ORDERS.finditer(sentence):
        found.append(Order(match["before"] is not None, fact_words(match["what"])))
    return found


def contradicts(said: Order, known: Order) -> bool:
    """Before what the other comes after; without words of its own, an order says nothing."""
    return said.before != known.before and _shares(said, known)


def agrees(said: Order, known: Order) -> bool:
    return said.before == known.before and _shares(said, known)


def _shares(said: Order, known: Order) -> bool:
    return any(same_words(word) & known.words for word in said.words)
