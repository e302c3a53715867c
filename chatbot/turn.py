"""One customer turn: a text goes in, a recorded reply comes out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from uuid import uuid4

import structlog

from chatbot.conversation import (
    Action,
    Conversation,
    Decision,
    Evidence,
    Language,
    LanguageGuess,
    Reply,
    Turn,
    Understanding,
)
from chatbot.errors import ConversationClosed
from chatbot.language import detect_language, to_simplified
from chatbot.policy import REQUEST_HUMAN, TOPICLESS, Thresholds, decide
from chatbot.ports import Clock, ConversationStore, IntentModel, Retriever
from chatbot.respond import Wording, apologise, respond
from chatbot.templates import Templates
from chatbot.text import accept_text
from knowledge_base.passages import Hit

_log = structlog.get_logger()
_PLACEHOLDER = re.compile(r"<[A-Z_]+>")

HINTS = 5
HITS = 10


@dataclass(frozen=True)
class Models:
    """What one turn is understood and answered with, in the versions it began with."""

    intents: IntentModel
    retriever: Retriever

    @property
    def versions(self) -> dict[str, str]:
        return {"intents": self.intents.version, "knowledge": self.retriever.version}


@dataclass(frozen=True)
class Desk:
    """All that one company's turns are answered with."""

    models: Callable[[], Models]
    """Called once a turn: a newer version may have come, or loading it may fail."""
    store: ConversationStore
    clock: Clock
    templates: Templates
    thresholds: Thresholds
    redact: Callable[[str], str]
    text_limit: int


@dataclass
class _Stopwatch:
    """Milliseconds a stage, in the order in which the stages ended."""

    laps: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)
    _lap: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._lap) * 1000, 2)
        self._lap = now

    def total(self) -> Mapping[str, float]:
        elapsed = (time.perf_counter() - self._started) * 1000
        return {**self.laps, "total": round(elapsed, 2)}


def answer_turn(
    desk: Desk, conversation: Conversation, *, text: str, client_message_id: str
) -> Turn:
    """Answer `text` and keep both; a client_message_id that was answered gets the same reply.

    Raises InputInvalid for a text that is none and ConversationClosed. Whatever else breaks
    inside becomes an apology with the offer of a person, recorded as such.
    """
    if conversation.closed_at is not None:
        raise ConversationClosed
    accepted = accept_text(text, limit=desk.text_limit)
    earlier = desk.store.find_turn(conversation.id, client_message_id)
    if earlier is not None:
        return earlier
    return desk.store.record(_answer(desk, conversation, desk.redact(accepted), client_message_id))


def _answer(desk: Desk, conversation: Conversation, question: str, client_message_id: str) -> Turn:
    watch = _Stopwatch()
    received_at = desk.clock.now()
    spoken = _PLACEHOLDER.sub(" ", question)
    guess = detect_language(spoken, default=conversation.language or Language.EN)
    error: str | None = None
    versions: dict[str, str] = {}
    try:
        if desk.templates.says("talk_to_person", question):
            # The quick reply that an apology offers must work without any model.
            evidence = _by_button(guess)
        else:
            models = desk.models()
            versions = models.versions
            evidence = _gather(models, question, guess, watch)
        decision = decide(evidence, desk.thresholds)
        wording = respond(decision, guess.language, desk.templates)
        record = _explain(evidence, decision, desk.thresholds)
    except Exception as failure:  # noqa: BLE001
        # The edge of a turn: the customer gets an apology instead of a broken page. The text of
        # the exception may quote the customer, so only its class is logged and kept.
        error = type(failure).__name__
        _log.error("turn_failed", conversation=conversation.id, error=error)
        evidence = Evidence(guess, Understanding("", confidence=0.0, out_of_scope=0.0))
        decision = Decision(Action.REFUSE, "failed_inside")
        wording = apologise(guess.language, desk.templates)
        record = {"reason": decision.reason}
    reply = _reply(evidence, decision, wording, versions, watch)
    return Turn(
        conversation_id=conversation.id,
        client_message_id=client_message_id,
        question=question,
        question_message_id=str(uuid4()),
        received_at=received_at,
        reply=reply,
        decision=record,
        error=error,
    )


def _by_button(guess: LanguageGuess) -> Evidence:
    return Evidence(guess, Understanding(REQUEST_HUMAN, confidence=1.0, out_of_scope=0.0))


def _gather(models: Models, question: str, guess: LanguageGuess, watch: _Stopwatch) -> Evidence:
    """Models see redacted text in simplified characters, the script they were trained on."""
    query = to_simplified(question)
    watch.lap("language")
    if not any(character.isalpha() for character in _PLACEHOLDER.sub("", query)):
        nothing = Understanding("", confidence=0.0, out_of_scope=1.0)
        return Evidence(guess, nothing, wordless=True)
    understanding = models.intents.understand([query])[0]
    watch.lap("understand")
    hits = models.retriever.search(query, hints=hints_of(understanding), limit=HITS)
    watch.lap("retrieve")
    return Evidence(guess, understanding, tuple(hits))


def look_up(desk: Desk, query: str, *, limit: int) -> list[Hit]:
    """What a turn would find for `query`, for people who test the knowledge base."""
    seen = to_simplified(desk.redact(accept_text(query, limit=desk.text_limit)))
    models = desk.models()
    understanding = models.intents.understand([seen])[0]
    return models.retriever.search(seen, hints=hints_of(understanding), limit=limit)


def hints_of(understanding: Understanding) -> dict[str, float]:
    """Topics the question may be about, weighted down by the chance that it is about none."""
    inside = 1.0 - understanding.out_of_scope
    return {
        name: share * inside
        for name, share in understanding.ranking[:HINTS]
        if name not in TOPICLESS
    }


def _reply(
    evidence: Evidence,
    decision: Decision,
    wording: Wording,
    versions: Mapping[str, str],
    watch: _Stopwatch,
) -> Reply:
    watch.lap("respond")
    return Reply(
        message_id=str(uuid4()),
        text=wording.text,
        language=evidence.language.language,
        action=decision.action,
        intent=evidence.understanding.intent,
        confidence=round(evidence.understanding.confidence, 4),
        citations=wording.citations,
        suggestions=wording.suggestions,
        versions=versions,
        latency_ms=watch.total(),
    )


def _explain(evidence: Evidence, decision: Decision, thresholds: Thresholds) -> dict[str, object]:
    """Why this reply: what was seen, which rule fired, against which thresholds."""
    return {
        "reason": decision.reason,
        "mixed_language": evidence.language.mixed,
        "out_of_scope": round(evidence.understanding.out_of_scope, 4),
        "ranking": [
            [name, round(share, 4)] for name, share in evidence.understanding.ranking[:HINTS]
        ],
        "hits": [
            {
                "passage_id": hit.passage.id,
                "score": round(hit.score, 4),
                **{name: round(float(value), 4) for name, value in hit.evidence.items()},
            }
            for hit in evidence.hits[:HINTS]
        ],
        "thresholds": asdict(thresholds),
    }
