"""One customer turn: a text goes in, a recorded reply comes out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from uuid import uuid4

import structlog

from chatbot.conversation import (
    Action,
    Conversation,
    Course,
    Decision,
    Evidence,
    Language,
    Reply,
    State,
    Turn,
    Understanding,
)
from chatbot.desk import Desk, Models
from chatbot.dialogue import HINTS, Heard, Said, converse, guess_language, hints_of, remember
from chatbot.errors import ConversationClosed
from chatbot.language import to_simplified
from chatbot.masking import mask_message
from chatbot.memory import Memory, read_memory
from chatbot.policy import Thresholds
from chatbot.respond import apologise
from chatbot.sentiment import measure_sentiment
from chatbot.text import accept_text
from knowledge_base.passages import Filter, Hit

__all__ = ["Desk", "Models", "answer_turn", "hints_of", "look_up"]

_log = structlog.get_logger()

HISTORY_TURNS = 2
"""Earlier turns that a generator is shown."""


@dataclass
class _Stopwatch:
    """Milliseconds a stage, in the order in which the stages first ended."""

    laps: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)
    _lap: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + (now - self._lap) * 1000, 2)
        self._lap = now

    def total(self) -> Mapping[str, float]:
        elapsed = (time.perf_counter() - self._started) * 1000
        return {**self.laps, "total": round(elapsed, 2)}


def answer_turn(
    desk: Desk, conversation: Conversation, *, text: str, client_message_id: str
) -> Turn:
    """Answer `text` and keep both; a client_message_id that was answered gets the same reply.

    `conversation` as the store has it now: its memory and state are part of the question.
    Raises InputInvalid for a text that is none, ConversationClosed, and TakenOver where an agent
    came in the meantime: then the customer's message is kept and no answer. Whatever else breaks
    inside becomes an apology with the offer of a person, recorded as such.
    """
    if conversation.closed_at is not None:
        raise ConversationClosed
    accepted = accept_text(text, limit=desk.text_limit)
    earlier = desk.store.find_turn(conversation.id, client_message_id)
    if earlier is not None:
        return earlier
    question = mask_message(accepted, earlier=lambda: _masked_before(desk, conversation))
    heard = _hear(desk, conversation, question, text=accepted)
    return desk.store.record(_answer(desk, conversation, heard, client_message_id))


@dataclass(frozen=True)
class Asked:
    """A question as the models see it, outside of any conversation."""

    seen: str
    """Masked, in simplified characters."""
    models: Models
    understanding: Understanding


def understand(desk: Desk, query: str) -> Asked:
    """Raises InputInvalid for a text that is none."""
    seen = to_simplified(desk.redact(accept_text(query, limit=desk.text_limit)))
    models = desk.models()
    return Asked(seen, models, models.intents.understand([seen])[0])


def look_up(desk: Desk, query: str, *, limit: int, only: Filter | None = None) -> list[Hit]:
    """What a turn would find for `query`, for people who test the knowledge base."""
    asked = understand(desk, query)
    hints = hints_of(asked.understanding)
    return asked.models.retriever.search(asked.seen, hints=hints, limit=limit, only=only)


def _masked_before(desk: Desk, conversation: Conversation) -> list[str]:
    return [message.text for message in desk.store.messages(conversation.id)]


def _hear(desk: Desk, conversation: Conversation, question: str, *, text: str) -> Heard:
    memory = read_memory(conversation.memory).feeling(measure_sentiment(question))
    before = Language(memory.language) if memory.language else conversation.language
    return Heard(
        text=text,
        question=question,
        guess=guess_language(desk, question, default=before or Language.EN),
        memory=memory,
        course=Course(
            moods=memory.moods,
            failures=memory.failures,
            person_called=conversation.state is not State.BOT,
        ),
        history=lambda: desk.store.turns(conversation.id)[-HISTORY_TURNS:],
    )


def _answer(desk: Desk, conversation: Conversation, heard: Heard, client_message_id: str) -> Turn:
    watch = _Stopwatch()
    received_at = desk.clock.now()
    error: str | None = None
    memory: Memory | None = None
    try:
        said = converse(desk, heard, watch.lap)
        record = _explain(heard, said, desk.thresholds)
        memory = remember(heard.memory, said)
    except Exception as failure:  # noqa: BLE001
        # The edge of a turn: the customer gets an apology instead of a broken page. The text of
        # the exception may quote the customer, so only its class is logged and kept.
        error = type(failure).__name__
        _log.error("turn_failed", conversation=conversation.id, error=error)
        said = _sorry(desk, heard)
        record = {"reason": said.decision.reason}
    hidden = (*said.hidden, *desk.clerk.proofs(heard.memory.form, heard.text))
    return Turn(
        conversation_id=conversation.id,
        client_message_id=client_message_id,
        question=_hide(heard.question, hidden),
        question_message_id=str(uuid4()),
        received_at=received_at,
        reply=_reply(said, watch),
        decision=record,
        error=error,
        original=heard.text,
        memory=memory.dump() if memory is not None else None,
    )


def _sorry(desk: Desk, heard: Heard) -> Said:
    evidence = Evidence(heard.guess, Understanding("", confidence=0.0, out_of_scope=0.0))
    decision = Decision(Action.REFUSE, "failed_inside")
    return Said(evidence, decision, apologise(heard.language, desk.templates))


def _hide(question: str, secrets: tuple[str, ...]) -> str:
    """What proves who asks is masked, also where it is four digits that no recogniser knows."""
    for secret in secrets:
        question = question.replace(secret, "<PHONE_NUMBER>")
    return question


def _reply(said: Said, watch: _Stopwatch) -> Reply:
    watch.lap("respond")
    wording, understanding = said.wording, said.evidence.understanding
    return Reply(
        message_id=str(uuid4()),
        text=wording.text,
        language=said.evidence.language.language,
        action=said.decision.action,
        intent=understanding.intent,
        confidence=round(understanding.confidence, 4),
        citations=wording.citations,
        suggestions=wording.suggestions,
        versions=said.versions,
        latency_ms=watch.total(),
    )


def _explain(heard: Heard, said: Said, thresholds: Thresholds) -> dict[str, object]:
    """Why this reply: what was seen, which rule fired, against which thresholds."""
    evidence = said.evidence
    record: dict[str, object] = {
        "reason": said.decision.reason,
        "mixed_language": evidence.language.mixed,
        "out_of_scope": round(evidence.understanding.out_of_scope, 4),
        "ambiguous": evidence.understanding.ambiguous,
        "sentiment": heard.course.moods[-1],
        "failures": heard.course.failures,
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
    if heard.memory.topic:
        record["context"] = {
            "shape": said.shape.value,
            "used": said.in_context,
            "documents": list(heard.memory.documents),
        }
    if said.attempt is not None:
        record["generated"] = {
            "outcome": said.attempt.outcome.value,
            "versions": list(said.attempt.versions),
            "seconds": round(said.attempt.seconds, 3),
        }
    return record
