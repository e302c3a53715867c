"""What the company wrote down, and what a search finds in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PUBLISHED, DRAFT = "published", "draft"


@dataclass(frozen=True)
class Document:
    """One article as the company wrote it: `answer` is what a customer may read verbatim."""

    id: str
    question: str
    answer: str
    title: str = ""
    url: str = ""
    language: str = ""
    """`en`, `zh`, or empty while unknown."""
    tags: tuple[str, ...] = ()
    """Free labels; a tag equal to an intent's name links the article to that intent."""
    variants: tuple[str, ...] = ()
    """Other ways in which customers ask for this article."""
    position: str = ""
    """Where in its file it stands, as a person would look it up: `page 3`, `Returns › Damage`."""
    valid_from: str = ""
    """The first day on which it holds, `YYYY-MM-DD`; empty for always."""
    valid_until: str = ""
    """The last day on which it holds; empty for always."""
    audience: str = ""
    """Whom it is written for, in the company's own words; empty for everyone."""
    status: str = PUBLISHED
    """`PUBLISHED`, or `DRAFT`: kept, and never an answer."""


@dataclass(frozen=True)
class Passage:
    """The unit of retrieval: a document, or a piece of a long one."""

    id: str
    """`<document id>#<number>`"""
    document_id: str
    text: str
    title: str
    url: str
    language: str
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    position: str = ""
    """The document's."""


@dataclass(frozen=True)
class Filter:
    """What is empty demands nothing; the rest must hold together."""

    language: str = ""
    """`en` or `zh`; articles whose language is unknown are left out."""
    tags: frozenset[str] = frozenset()
    """Any of them."""
    audience: str = ""
    """In the company's own words; what is written for everyone is let in too."""

    def admits(self, document: Document) -> bool:
        return (
            self.language in ("", document.language)
            and (not self.tags or not self.tags.isdisjoint(document.tags))
            and (not self.audience or document.audience in ("", self.audience))
        )


@dataclass(frozen=True)
class Hit:
    """A passage with the calibrated probability that it answers the query."""

    passage: Passage
    score: float
    evidence: Mapping[str, float] = field(default_factory=dict)
    """What each channel saw (`dense`, `lexical`, `hint`, …), before fusion."""
    duplicates: tuple[str, ...] = ()
    """Other documents further down that say the same and are not shown themselves."""
