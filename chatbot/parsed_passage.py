"""A passage as the grounding check looks at it, taken apart once and then remembered."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from chatbot.claims import Kind, claims_of
from chatbot.comparison import Statement, statements
from chatbot.conditions import fact_words
from chatbot.numerals import plain
from chatbot.polarity import polarity
from chatbot.quantities import Quantity, quantities
from chatbot.sentences import clauses, content_words, sentences
from chatbot.vocabulary import han_words
from knowledge_base.segmentation import stem, terms


@lru_cache(maxsize=256)
def parsed(title: str, text: str, url: str) -> Source:
    """The same few articles answer most questions."""
    return Source(title, text, url)


def forget_passages() -> None:
    """For measuring: what was taken apart before is taken apart again."""
    for remembered in (parsed, content_words, fact_words, han_words, polarity):
        remembered.cache_clear()


class Source:
    """A passage taken apart, each part once."""

    def __init__(self, title: str, text: str, url: str) -> None:
        self.text = plain(text)
        self.everything = f"{plain(title)}\n{self.text}\n{url}"

    @cached_property
    def sentences(self) -> list[str]:
        return sentences(self.text)

    @cached_property
    def clauses(self) -> list[str]:
        return [clause for sentence in self.sentences for clause in clauses(sentence)]

    @cached_property
    def statements(self) -> list[Statement]:
        return statements(self.sentences)

    @cached_property
    def quantities(self) -> list[Quantity]:
        return quantities(self.everything)

    @cached_property
    def words(self) -> set[str]:
        return set(terms(self.everything))

    @cached_property
    def latin_words(self) -> set[str]:
        return {stem(word) for word in re.findall(r"[a-z0-9]+", self.everything.lower())}

    @cached_property
    def claims(self) -> set[tuple[Kind, str]]:
        return {(claim.kind, claim.value) for claim in claims_of(self.everything)}
