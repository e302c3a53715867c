"""What people should label next, chosen from logged turns: a pure function.

Where a person has already said more than the model (an agent's correction, a chosen quick reply,
a thumbs-down), that comes first; then topics that are refused again and again; then what the
model was unsure of. Similar sentences are shown once before any is shown twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, zip_longest
from math import ceil

from privacy.redaction import detect
from training.corpus import normalise
from training.review import ReviewItem


@dataclass(frozen=True)
class LoggedTurn:
    id: str
    text: str
    """Redacted."""
    language: str
    """`en` or `zh`."""
    intent: str
    """What the model understood."""
    confidence: float
    out_of_scope: float
    helpful: bool | None
    """The customer's thumb; None where none was given."""
    action: str
    """A value of `chatbot.conversation.Action`."""
    chosen_suggestion: str | None
    """The intent behind the quick reply that the customer chose after this turn."""
    agent_intent: str | None
    """What an agent says the customer wanted."""
    consent: bool
    """The customer agreed to being learned from, and has not withdrawn it."""
    at: datetime
    margin: float | None = None
    """Confidence of the best intent over the second, where it was logged."""
    ambiguous: bool = False
    """The model could not tell the two best intents apart, by its own measure."""


class Reason(StrEnum):
    """Most telling first."""

    AGENT_CORRECTION = "agent_correction"
    CHOSEN_CLARIFICATION = "chosen_clarification"
    THUMBS_DOWN = "thumbs_down"
    REFUSED_CLUSTER = "refused_cluster"
    LOW_CONFIDENCE = "low_confidence"
    LOW_MARGIN = "low_margin"


REASONS = tuple(Reason)


@dataclass(frozen=True)
class SelectionRules:
    low_confidence: float = 0.6
    low_margin: float = 0.2
    refused_cluster: int = 3
    """So many similar refused questions make a topic."""
    similarity: float = 0.5
    """Jaccard index of character n-grams from which two sentences count as similar."""
    pool: int = 3000
    """Newest turns that are looked at: some seconds of work."""


@dataclass(frozen=True)
class _Candidate:
    turn: LoggedTurn
    reason: Reason
    cluster: int

    @property
    def urgency(self) -> tuple[int, float, str]:
        return REASONS.index(self.reason), self.turn.confidence, self.turn.id


def select_for_review(
    turns: Iterable[LoggedTurn],
    *,
    limit: int,
    known_texts: Collection[str] = (),
    rules: SelectionRules | None = None,
) -> tuple[ReviewItem, ...]:
    """At most `limit` sentences, each with its reason and a suggested intent.

    Left out are turns without consent, texts in which personal data is still found, and what
    says the same as one of `known_texts` (taught, tested or queued already).
    """
    rule = rules or SelectionRules()
    known = {normalise(text) for text in known_texts}
    allowed = _newest(_allowed(turns, known), rule.pool)
    clusters = cluster([turn.text for turn in allowed], similarity=rule.similarity)
    candidates = _without_repeats(_candidates(allowed, clusters, rule))
    return tuple(_item(candidate) for candidate in _spread(candidates)[:limit])


def cluster(texts: Sequence[str], *, similarity: float) -> list[int]:
    """A number for each text: that of the first earlier one it resembles, or a new one.

    Only texts that share one of their rarer n-grams are compared: sets that overlap by the share
    `similarity` cannot differ in all of them (prefix filter, Chaudhuri et al. 2006).
    """
    sets = [_grams(text) for text in texts]
    frequency = Counter(chain.from_iterable(sets))
    leaders: list[frozenset[str]] = []
    holders: defaultdict[str, list[int]] = defaultdict(list)
    numbers = []
    for grams in sets:
        rarest = sorted(grams, key=lambda gram: (frequency[gram], gram))
        rarest = rarest[: len(grams) - ceil(similarity * len(grams)) + 1]
        near = sorted({number for gram in rarest for number in holders[gram]})
        alike = (number for number in near if _alike(grams, leaders[number], similarity))
        number = next(alike, len(leaders))
        if number == len(leaders):
            leaders.append(grams)
            for gram in rarest:
                holders[gram].append(number)
        numbers.append(number)
    return numbers


def _allowed(turns: Iterable[LoggedTurn], known: set[str]) -> Iterator[LoggedTurn]:
    for turn in turns:
        key = normalise(turn.text)
        wordless = not any(character.isalpha() for character in key)
        if turn.consent and not wordless and key not in known and not detect(turn.text):
            yield turn


def _newest(turns: Iterable[LoggedTurn], count: int) -> list[LoggedTurn]:
    return sorted(turns, key=lambda turn: (turn.at, turn.id), reverse=True)[:count]


def _candidates(
    turns: Sequence[LoggedTurn], clusters: Sequence[int], rule: SelectionRules
) -> Iterator[_Candidate]:
    refused = Counter(
        number for turn, number in zip(turns, clusters, strict=True) if _refused(turn)
    )
    for turn, number in zip(turns, clusters, strict=True):
        topic = _refused(turn) and refused[number] >= rule.refused_cluster
        reason = _reason(turn, topic, rule)
        if reason is not None:
            yield _Candidate(turn, reason, number)


def _refused(turn: LoggedTurn) -> bool:
    return turn.action == "refuse"


def _reason(turn: LoggedTurn, topic: bool, rule: SelectionRules) -> Reason | None:
    found = {
        Reason.AGENT_CORRECTION: turn.agent_intent not in (None, turn.intent),
        Reason.CHOSEN_CLARIFICATION: turn.chosen_suggestion is not None,
        Reason.THUMBS_DOWN: turn.helpful is False,
        Reason.REFUSED_CLUSTER: topic,
        Reason.LOW_CONFIDENCE: turn.confidence < rule.low_confidence,
        Reason.LOW_MARGIN: turn.ambiguous
        or (turn.margin is not None and turn.margin < rule.low_margin),
    }
    return next((reason for reason in REASONS if found[reason]), None)


def _without_repeats(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Of those that say the same, the most telling."""
    best: dict[str, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda candidate: candidate.urgency):
        best.setdefault(normalise(candidate.turn.text), candidate)
    return list(best.values())


def _spread(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The first of every cluster, then every second one, …; languages take turns in each round."""
    rounds: defaultdict[int, defaultdict[str, list[_Candidate]]]
    rounds = defaultdict(lambda: defaultdict(list))
    seen: Counter[int] = Counter()
    for candidate in candidates:
        rounds[seen[candidate.cluster]][candidate.turn.language].append(candidate)
        seen[candidate.cluster] += 1
    order: list[_Candidate] = []
    for number in sorted(rounds):
        languages = [rounds[number][language] for language in sorted(rounds[number])]
        turns = chain.from_iterable(zip_longest(*languages))
        order += [candidate for candidate in turns if candidate is not None]
    return order


def _item(candidate: _Candidate) -> ReviewItem:
    turn = candidate.turn
    return ReviewItem(
        id=turn.id,
        text=turn.text,
        language=turn.language,
        reason=candidate.reason.value,
        suggested=_suggestion(turn, candidate.reason),
    )


def _suggestion(turn: LoggedTurn, reason: Reason) -> str:
    if turn.agent_intent is not None:
        return turn.agent_intent
    if turn.chosen_suggestion is not None:
        return turn.chosen_suggestion
    # The customer says it was wrong, or the product found nothing: the model's guess would mislead.
    return "" if reason in (Reason.THUMBS_DOWN, Reason.REFUSED_CLUSTER) else turn.intent


def _grams(text: str) -> frozenset[str]:
    """Pairs of Chinese characters say as much as triples of letters; both come along."""
    padded = f" {normalise(text)} "
    size = 3 if padded.isascii() else 2
    return frozenset(padded[n : n + size] for n in range(max(1, len(padded) - size + 1)))


def _alike(one: frozenset[str], other: frozenset[str], least: float) -> bool:
    shared = len(one & other)
    return shared >= least * (len(one) + len(other) - shared)
