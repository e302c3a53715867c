"""What to say to one message: form, button, knowledge, in this order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chatbot.context import Shape, choose, in_context, may_need_context, read_shape
from chatbot.conversation import (
    Action,
    Course,
    Decision,
    Evidence,
    Language,
    LanguageGuess,
    Turn,
    Understanding,
)
from chatbot.desk import Desk, Models
from chatbot.flows.clerk import FormReply
from chatbot.flows.form import Form
from chatbot.flows.slots import Answer, read_answer
from chatbot.generate import Attempt
from chatbot.language import detect_language, to_simplified
from chatbot.memory import FormState, Memory, Pending
from chatbot.policy import AMBIGUOUS, FAILURES, REQUEST_HUMAN, TOPICLESS, decide
from chatbot.respond import Wording, respond
from chatbot.text import words

PLACEHOLDER = re.compile(r"<[A-Z_]+(?:_[0-9]+)?>")
HINTS = 5
HITS = 10
YES_WORDS = 4
"""Words, or Chinese characters, of a yes that says nothing else."""

Lap = Callable[[str], None]
_FORM = Understanding("", confidence=1.0, out_of_scope=0.0)


@dataclass(frozen=True)
class Heard:
    """One message with what is known before any model has seen it."""

    text: str = field(repr=False)
    """As it came: forms need the values that are masked everywhere else."""
    question: str
    """Masked."""
    guess: LanguageGuess
    memory: Memory
    """With this message's mood, otherwise as the last turn left it."""
    course: Course
    history: Callable[[], Sequence[Turn]]

    @property
    def language(self) -> Language:
        return self.guess.language


@dataclass(frozen=True)
class Said:
    evidence: Evidence
    decision: Decision
    wording: Wording
    form: FormState | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    shape: Shape = Shape.WHOLE
    in_context: bool = False
    """Whether the last topic was read into the question."""
    attempt: Attempt | None = None
    hidden: tuple[str, ...] = field(default=(), repr=False)
    """Parts of the message that must not be kept."""


def guess_language(desk: Desk, text: str, *, default: Language) -> LanguageGuess:
    """The letters of an order number speak no language."""
    return detect_language(PLACEHOLDER.sub(" ", desk.clerk.without_values(text)), default=default)


def converse(desk: Desk, heard: Heard, lap: Lap) -> Said:
    """Raises whatever breaks inside."""
    if desk.templates.says("talk_to_person", heard.question) or _takes_up(heard, Pending.PERSON):
        # The quick reply that an apology offers must work without any model.
        return _by_button(desk, heard)
    return _by_form(desk, heard) or _by_models(desk, heard, lap)


def remember(memory: Memory, said: Said) -> Memory:
    """What the next turn may need of this one."""
    decision, evidence = said.decision, said.evidence
    kept = replace(
        memory,
        form=said.form,
        intent=evidence.understanding.intent or memory.intent,
        language=evidence.language.language.value,
        failures=memory.failures + 1 if decision.action in FAILURES else 0,
        pending=_pending(decision),
    )
    if decision.hits and decision.action is not Action.HANDOFF:
        questions = decision.hits[0].passage.questions
        return replace(
            kept,
            topic=questions[0] if questions else decision.hits[0].passage.title,
            documents=tuple(hit.passage.document_id for hit in decision.hits),
        )
    if decision.action is Action.REFUSE and decision.reason != "failed_inside":
        # What could not be answered is what the customer has in mind now, not the topic before.
        return replace(kept, topic="", documents=())
    return kept


def _pending(decision: Decision) -> Pending | None:
    if decision.action is Action.CLARIFY and len(decision.hits) == 1:
        return Pending.ARTICLE
    return Pending.PERSON if decision.offer_person else None


def _takes_up(heard: Heard, what: Pending) -> bool:
    """Whether the message is a yes to what was offered, and nothing else."""
    return (
        heard.memory.pending is what
        and len(words(heard.question)) <= YES_WORDS
        and read_answer(heard.question) is Answer.YES
    )


def _by_button(desk: Desk, heard: Heard) -> Said:
    wish = Understanding(REQUEST_HUMAN, confidence=1.0, out_of_scope=0.0)
    evidence = Evidence(heard.guess, wish, course=heard.course)
    decision = decide(evidence, desk.thresholds)
    wording = respond(decision, heard.language, desk.templates)
    return Said(evidence, decision, wording, form=heard.memory.form)


def _by_form(desk: Desk, heard: Heard) -> Said | None:
    """Answers to a form's question, and what opens one, need no model."""
    clerk, state = desk.clerk, heard.memory.form
    begun = clerk.begun(state)
    if begun is not None and state is not None:
        reply = clerk.go_on(begun, state, heard.text, heard.language)
        if reply is not None:
            return _of_form(begun, reply, heard)
    opened = clerk.opened_by(heard.text)
    if opened is None:
        return None
    return _of_form(opened, clerk.open(opened, heard.text, heard.language), heard)


def _of_form(form: Form, reply: FormReply, heard: Heard, understood: Understanding = _FORM) -> Said:
    evidence = Evidence(heard.guess, replace(understood, intent=form.intent), course=heard.course)
    return Said(evidence, reply.decision, reply.wording, form=reply.state, hidden=reply.hidden)


def _by_models(desk: Desk, heard: Heard, lap: Lap) -> Said:
    models = desk.models()
    shape, in_topic, evidence = _gather(desk, models, heard, lap)
    decision = decide(evidence, desk.thresholds)
    said = Said(
        evidence,
        decision,
        Wording(""),
        versions=models.versions,
        shape=shape,
        in_context=in_topic,
    )
    return _with_form(desk, heard, said) or _worded(desk, heard, said)


def _worded(desk: Desk, heard: Heard, said: Said) -> Said:
    wording = respond(said.decision, heard.language, desk.templates)
    if desk.writer is None:
        return replace(said, wording=wording)
    wording, attempt = desk.writer.reword(
        wording,
        said.decision,
        question=heard.question,
        hits=said.evidence.hits,
        language=heard.language,
        history=heard.history,
    )
    return replace(said, wording=wording, attempt=attempt)


def _with_form(desk: Desk, heard: Heard, said: Said) -> Said | None:
    """What an open or a wanted form changes about the reply; None where there is none."""
    clerk, state = desk.clerk, heard.memory.form
    begun = clerk.begun(state)
    if begun is not None and state is not None and not state.offered:
        return _interrupted(desk, heard, said, begun, state)
    understood = said.evidence.understanding
    failed = said.decision.action in FAILURES
    if said.decision.reason == AMBIGUOUS:
        # To open the form would be to choose for the customer.
        return None
    sure = understood.confidence >= desk.thresholds.generic
    wanted = clerk.wanted(understood.intent) if sure else None
    if wanted is None and failed:
        # Nothing else fits, and the message holds what this form is about.
        wanted = clerk.recognised(heard.text)
    if wanted is None or said.decision.action is Action.HANDOFF:
        return None
    if failed or clerk.has_value(wanted, heard.text):
        reply = clerk.open(wanted, heard.text, heard.language)
        return replace(
            _of_form(wanted, reply, heard, understood),
            versions=said.versions,
        )
    if begun is wanted:
        # Offered a moment ago already.
        return replace(_worded(desk, heard, said), form=state)
    answered = _worded(desk, heard, said)
    wording, offered = clerk.offer(wanted, answered.wording, heard.language)
    return replace(answered, wording=wording, form=offered)


def _interrupted(desk: Desk, heard: Heard, said: Said, form: Form, state: FormState) -> Said:
    """Another question in the middle of a form is answered; then the form goes on."""
    if said.decision.action is Action.HANDOFF:
        # It waits for the customer to come back with a value.
        waiting = replace(state, offered=True, asking=form.slots[0].name)
        return replace(_worded(desk, heard, said), form=waiting)
    if said.decision.action is Action.ANSWER and said.evidence.understanding.intent != form.intent:
        answered = _worded(desk, heard, said)
        back = desk.clerk.return_to(form, state, answered.wording, heard.language)
        return replace(answered, wording=back, form=state)
    reply = desk.clerk.ask_again(form, state, heard.language)
    return replace(said, decision=reply.decision, wording=reply.wording, form=reply.state)


def _gather(desk: Desk, models: Models, heard: Heard, lap: Lap) -> tuple[Shape, bool, Evidence]:
    """The evidence of the question alone, or of the question in the light of the last topic."""
    # Models see masked text in simplified characters, the script they were trained on.
    query = to_simplified(desk.clerk.without_values(heard.question))
    if _takes_up(heard, Pending.ARTICLE):
        query = heard.memory.topic
    lap("language")
    if not any(character.isalpha() for character in PLACEHOLDER.sub("", query)):
        nothing = Understanding("", confidence=0.0, out_of_scope=1.0)
        evidence = Evidence(heard.guess, nothing, wordless=True, course=heard.course)
        return Shape.WHOLE, False, evidence
    alone = _search(models, query, heard, lap)
    reading, topic = read_shape(query), heard.memory.topic
    if not topic or not may_need_context(reading, alone, desk.thresholds):
        return reading.shape, False, alone
    together = _search(models, in_context(query, topic), heard, lap)
    chosen = choose(reading, alone, together, desk.thresholds)
    return reading.shape, chosen is together, chosen


def _search(models: Models, query: str, heard: Heard, lap: Lap) -> Evidence:
    understanding = models.intents.understand([query])[0]
    lap("understand")
    hits = models.retriever.search(query, hints=hints_of(understanding), limit=HITS)
    lap("retrieve")
    return Evidence(heard.guess, understanding, tuple(hits), course=heard.course)


def hints_of(understanding: Understanding) -> dict[str, float]:
    """Topics the question may be about, weighted down by the chance that it is about none."""
    inside = 1.0 - understanding.out_of_scope
    return {
        name: share * inside
        for name, share in understanding.ranking[:HINTS]
        if name not in TOPICLESS
    }
