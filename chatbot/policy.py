"""What to do next: a pure function of the evidence. Every threshold is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.conversation import Action, Decision, Evidence, Language
from knowledge_base.passages import Hit

OUT_OF_SCOPE = "out_of_scope"
REQUEST_HUMAN = "request_human"
HANDOFF_INTENTS = frozenset({REQUEST_HUMAN, "complaint"})
TEMPLATE_INTENTS = frozenset({"greeting", "thanks", "goodbye", "small_talk"})
GENERIC_INTENTS = HANDOFF_INTENTS | TEMPLATE_INTENTS
OTHER = "other"
"""What the generic view of a model calls everything that is not generic."""
TOPICLESS = GENERIC_INTENTS | {OTHER}

ALTERNATIVES = 2


@dataclass(frozen=True)
class Thresholds:
    """All are probabilities. `answer` >= `clarify`."""

    answer: float
    """Least calibrated score of a passage that is given as the answer."""
    clarify: float
    """Least score of a passage that is offered as a quick reply."""
    out_of_scope: float
    """At or above this out-of-scope probability nothing is answered, whatever was found."""
    generic: float
    """Least confidence in a greeting, a complaint, … before it is acted on."""


def decide(evidence: Evidence, thresholds: Thresholds) -> Decision:
    """The first rule that fits: unclear, person, small talk, answer, clarify, refuse."""
    if evidence.wordless:
        return Decision(Action.CLARIFY, "nothing_to_understand", template="unclear")
    intent = evidence.understanding.intent
    sure = evidence.understanding.confidence >= thresholds.generic
    if intent in HANDOFF_INTENTS and sure:
        return Decision(Action.HANDOFF, intent, template=intent)
    if intent in TEMPLATE_INTENTS and sure:
        return Decision(Action.ANSWER, intent, template=intent)
    return _from_knowledge(evidence, thresholds)


def _from_knowledge(evidence: Evidence, thresholds: Thresholds) -> Decision:
    hits = prefer_language(evidence.hits, evidence.language.language, answer=thresholds.answer)
    if not hits or hits[0].score < thresholds.clarify:
        return Decision(Action.REFUSE, "no_article", template="refuse")
    if evidence.understanding.out_of_scope >= thresholds.out_of_scope:
        return Decision(Action.REFUSE, "out_of_scope", template="refuse")
    if hits[0].score >= thresholds.answer:
        return Decision(Action.ANSWER, "article", hits[:1])
    if evidence.understanding.intent == OUT_OF_SCOPE:
        # Neither the intent model nor the knowledge base speaks for an article.
        return Decision(Action.REFUSE, "out_of_scope", template="refuse")
    offered = tuple(hit for hit in hits if hit.score >= thresholds.clarify / 2)[:ALTERNATIVES]
    template = "clarify" if len(offered) > 1 else "clarify_one"
    return Decision(Action.CLARIFY, "unsure", offered, template)


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
