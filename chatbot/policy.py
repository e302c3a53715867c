"""What to do next: a pure function of the evidence. Every threshold is an argument."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatbot.conversation import (
    Action,
    Course,
    Decision,
    Evidence,
    Language,
    Understanding,
)
from knowledge_base.passages import Hit

OUT_OF_SCOPE = "out_of_scope"
REQUEST_HUMAN = "request_human"
HANDOFF_INTENTS = frozenset({REQUEST_HUMAN, "complaint"})
TEMPLATE_INTENTS = frozenset({"greeting", "thanks", "goodbye", "small_talk"})
GENERIC_INTENTS = HANDOFF_INTENTS | TEMPLATE_INTENTS
OTHER = "other"
"""What the generic view of a model calls everything that is not generic."""
TOPICLESS = GENERIC_INTENTS | {OTHER}
FAILURES = frozenset({Action.REFUSE, Action.CLARIFY})
AMBIGUOUS = "ambiguous"
"""The reason of a question back between the two topics that a message may be about."""

ALTERNATIVES = 2


@dataclass(frozen=True)
class Thresholds:
    """All but the last four are probabilities. `answer` >= `clarify`, `furious` <= `angry`."""

    answer: float
    """Least calibrated score of a passage that is given as the answer."""
    clarify: float
    """Least score of a passage that is offered as a quick reply."""
    out_of_scope: float
    """At or above this out-of-scope probability nothing is answered, whatever was found."""
    generic: float
    """Least confidence in a greeting, a complaint, … before it is acted on."""
    furious: float = -0.85
    """At or below this sentiment one message is enough to call a person."""
    angry: float = -0.45
    """At or below this sentiment a message counts as angry."""
    angry_messages: int = 2
    """So many angry ones among the last messages call a person."""
    failures: int = 3
    """So many turns in a row without help call a person."""


def decide(evidence: Evidence, thresholds: Thresholds) -> Decision:
    """The first rule that fits: unclear, person, anger, small talk, answer, clarify, refuse.

    A person is called once; after that the bot does what it can until one comes.
    """
    calm, course = _from_what_was_said(evidence, thresholds), evidence.course
    if course.person_called:
        return _while_waiting(calm)
    if calm.action is Action.HANDOFF:
        return calm
    angered = _from_anger(calm, course, thresholds)
    if angered is not None:
        return angered
    if calm.action in FAILURES and course.failures + 1 >= thresholds.failures:
        return _after_failures(calm, evidence, thresholds)
    return _offering(calm, course)


def is_angry(score: float, thresholds: Thresholds) -> bool:
    return score <= thresholds.angry


def _from_what_was_said(evidence: Evidence, thresholds: Thresholds) -> Decision:
    if evidence.wordless:
        return Decision(Action.CLARIFY, "nothing_to_understand", template="unclear")
    intent = evidence.understanding.intent
    sure = evidence.understanding.confidence >= thresholds.generic
    if intent in HANDOFF_INTENTS and sure:
        return Decision(Action.HANDOFF, intent, template=intent)
    if intent in TEMPLATE_INTENTS and sure:
        return Decision(Action.ANSWER, intent, template=intent)
    return _from_knowledge(evidence, thresholds)


def _from_anger(calm: Decision, course: Course, thresholds: Thresholds) -> Decision | None:
    """Furious or angry again: a person, with the article beside it. Angry once: an offer."""
    now = course.moods[-1] if course.moods else 0.0
    if not is_angry(now, thresholds):
        return None
    angry = sum(is_angry(mood, thresholds) for mood in course.moods)
    if now <= thresholds.furious or angry >= thresholds.angry_messages:
        reason = "anger" if now <= thresholds.furious else "anger_again"
        return Decision(Action.HANDOFF, reason, calm.hits, template="anger")
    return replace(calm, preface="sorry_for_trouble", offer_person=True)


def _after_failures(calm: Decision, evidence: Evidence, thresholds: Thresholds) -> Decision:
    if evidence.wordless or evidence.understanding.out_of_scope >= thresholds.out_of_scope:
        # Perhaps nobody needs help here: a colleague is offered, not sent for.
        return replace(calm, hits=(), template="failed_again", offer_person=True)
    return Decision(Action.HANDOFF, "repeated_failure", calm.hits, template="repeated_failure")


def _while_waiting(calm: Decision) -> Decision:
    if calm.action is Action.HANDOFF:
        return replace(calm, template="still_waiting")
    if calm.action is Action.REFUSE:
        return replace(calm, template="refuse_waiting", offer_person=False)
    return calm


def _offering(calm: Decision, course: Course) -> Decision:
    """The way to a person beside every refusal, and beside a second question back."""
    again = calm.action is Action.CLARIFY and course.failures > 0
    return replace(calm, offer_person=calm.action is Action.REFUSE or again)


def _from_knowledge(evidence: Evidence, thresholds: Thresholds) -> Decision:
    hits = prefer_language(evidence.hits, evidence.language.language, answer=thresholds.answer)
    if not hits or hits[0].score < thresholds.clarify:
        return Decision(Action.REFUSE, "no_article", template="refuse")
    if evidence.understanding.out_of_scope >= thresholds.out_of_scope:
        return Decision(Action.REFUSE, OUT_OF_SCOPE, template="refuse")
    if hits[0].score >= thresholds.answer:
        return Decision(Action.ANSWER, "article", hits[:1])
    if evidence.understanding.intent == OUT_OF_SCOPE:
        # Neither the intent model nor the knowledge base speaks for an article.
        return Decision(Action.REFUSE, OUT_OF_SCOPE, template="refuse")
    either = _either(evidence.understanding, hits)
    if either:
        return Decision(Action.CLARIFY, AMBIGUOUS, either, "clarify_either")
    offered = tuple(hit for hit in hits if hit.score >= thresholds.clarify / 2)[:ALTERNATIVES]
    template = "clarify" if len(offered) > 1 else "clarify_one"
    return Decision(Action.CLARIFY, "unsure", offered, template)


def _either(understanding: Understanding, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """One article for each of the two topics between which the intent model cannot choose.

    Only an article that is not sure is asked about: one that reaches `answer` was found by its
    words too, and asking again about the quick reply that names it would lead in a circle.
    """
    topics = [name for name, _ in understanding.ranking[:ALTERNATIVES]]
    if not understanding.ambiguous or len(topics) < ALTERNATIVES or TOPICLESS & set(topics):
        return ()
    found = [next((hit for hit in hits if topic in hit.passage.tags), None) for topic in topics]
    articles = {hit.passage.document_id: hit for hit in found if hit is not None}
    # One article may be about both topics, and one topic may have none.
    return tuple(articles.values()) if len(articles) == ALTERNATIVES else ()


def prefer_language(hits: tuple[Hit, ...], language: Language, *, answer: float) -> tuple[Hit, ...]:
    """Articles in the customer's language, unless only the other language has the answer."""
    own = tuple(hit for hit in hits if hit.passage.language in ("", language.base))
    other = tuple(hit for hit in hits if hit not in own)
    if not own:
        return other
    if other and own[0].score < answer <= other[0].score and not _twins(own[0], other[0]):
        return other
    return own


def _twins(one: Hit, two: Hit) -> bool:
    """The same article in both languages: linked to one intent."""
    return bool(set(one.passage.tags) & set(two.passage.tags))
