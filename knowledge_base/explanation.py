"""Why a search found what it found: what every stage made of each candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.passages import Hit, Passage

STAGES = ("text", "nearest", "dense", "lexical", "coverage")
"""Cosine of the text and of the nearest question, the mean over both and all questions, the share
of BM25, the share of the words."""


class Fate(StrEnum):
    """What became of a candidate."""

    SHOWN = "shown"
    SAME_ARTICLE = "same_article"
    """A better passage of its article is shown, or stands behind what is shown."""
    DUPLICATE = "duplicate"
    """Another article that says the same is shown."""
    TOO_FAR_DOWN = "too_far_down"


@dataclass(frozen=True)
class Standing:
    value: float
    rank: int
    """From 1 among all candidates; equal values share the best of their ranks."""


@dataclass(frozen=True)
class Explained:
    """One candidate."""

    passage: Passage
    found_by: tuple[str, ...]
    """Of `dense`, `lexical`, `hint`: what brought it among the candidates."""
    stages: Mapping[str, Standing]
    """By STAGES."""
    nearest_question: str
    words: tuple[str, ...]
    """Search terms that it shares with the query, in the query's order."""
    hint: float | None
    """Probability that the query is about one of its tags; None where no hint speaks of it."""
    fused: Standing
    """Calibrated probability that it answers."""
    place: int | None
    """From 1 in what is shown; None where it is not."""
    fate: Fate
    instead: str
    """The document that is shown instead, where it stands behind one."""


@dataclass(frozen=True)
class Explanation:
    query: str
    version: str
    hits: tuple[Hit, ...]
    """What `search` gives."""
    candidates: tuple[Explained, ...]
    """Best first by the fused probability."""
    found: int
    """Candidates, of which the best are explained."""
    admitted: int
    """Passages that the filter lets in."""
    passages: int
