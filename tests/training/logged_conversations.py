"""A database with conversations as the product writes them, for tests of what reads the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine

from chatbot.adapters.store_consents import SqlConsents
from chatbot.adapters.store_sql import SqlStore
from chatbot.conversation import Action, Conversation, Language, Reply, Suggestion, Turn
from privacy.consent import Consent, Scope
from privacy.keyring import KeyRing

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    text: str
    action: Action = Action.ANSWER
    intent: str = "parcel"
    confidence: float = 0.9
    language: Language = Language.EN
    suggestions: tuple[Suggestion, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=lambda: {"reason": "article"})
    helpful: bool | None = None
    error: str | None = None


def log_conversation(
    engine: Engine, keys: KeyRing, *said: Said, customer: str, at: datetime = NOW
) -> list[str]:
    """The ids of the customer's messages."""
    store = SqlStore(engine, keys)
    conversation = Conversation(str(uuid4()), "web", "demo", None, "0" * 64, at, customer=customer)
    store.open(conversation)
    ids = []
    for number, one in enumerate(said):
        reply = Reply(
            message_id=str(uuid4()),
            text="An answer.",
            language=one.language,
            action=one.action,
            intent=one.intent,
            confidence=one.confidence,
            suggestions=one.suggestions,
            latency_ms={"total": 12.5},
        )
        turn = store.record(
            Turn(
                conversation.id,
                str(number),
                one.text,
                str(uuid4()),
                at + timedelta(seconds=number),
                reply,
                one.evidence,
                error=one.error,
            )
        )
        ids.append(turn.question_message_id)
        if one.helpful is not None:
            store.add_feedback(conversation.id, reply.message_id, helpful=one.helpful, reason=None)
    return ids


def agree(
    engine: Engine,
    customer: str,
    scope: Scope = Scope.IMPROVE,
    *,
    granted: bool = True,
    at: datetime = NOW,
) -> None:
    SqlConsents(engine).add([Consent(customer, scope, granted, at, "v1", "en")])
