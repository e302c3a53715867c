"""Conversations, turns and messages as rows, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from chatbot.adapters.transactions import utc
from chatbot.conversation import (
    Action,
    Author,
    Citation,
    Conversation,
    Language,
    Message,
    Reply,
    State,
    Suggestion,
    Turn,
)
from chatbot.masking import Masking

Row = dict[str, Any]


def read_conversation(row: RowMapping) -> Conversation:
    return Conversation(
        id=row["id"],
        channel=row["channel"],
        collection=row["collection"],
        language=Language(row["language"]) if row["language"] else None,
        token_sha256=row["token_sha256"],
        created_at=utc(row["created_at"]),
        closed_at=utc(row["closed_at"]) if row["closed_at"] else None,
        handoff=row["handoff"],
        customer=row["customer"] or row["id"],
        state=State(row["state"]),
        holder=row["holder"],
        memory=row["memory"] or {},
    )


def message_row(message: Message, *, sealed: bytes | None, masked_by: Masking) -> Row:
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "author": message.author.value,
        "client_message_id": message.client_message_id,
        "in_reply_to": None,
        "text": message.text,
        "language": message.language.value if message.language else None,
        "created_at": message.created_at,
        "agent_id": message.agent_id,
        "sealed": sealed,
        "masked_by": masked_by.rules,
        "masked_types": masked_by.types,
    }


def event_row(conversation_id: str, kind: str, *, at: datetime, **data: str) -> Row:
    """`data` holds identifiers and names of states, never what somebody said."""
    return {"conversation_id": conversation_id, "kind": kind, "data": data, "created_at": at}


def message_events(messages: Sequence[Message]) -> list[Row]:
    return [
        event_row(
            message.conversation_id,
            "message",
            at=message.created_at,
            message_id=message.id,
            author=message.author.value,
        )
        for message in messages
    ]


def decision_row(turn: Turn) -> Row:
    reply = turn.reply
    return {
        "message_id": reply.message_id,
        "action": reply.action.value,
        "intent": reply.intent,
        "confidence": reply.confidence,
        "citations": [asdict(citation) for citation in reply.citations],
        "suggestions": [asdict(suggestion) for suggestion in reply.suggestions],
        "evidence": dict(turn.decision),
        "versions": dict(reply.versions),
        "latency_ms": dict(reply.latency_ms),
        "error": turn.error,
    }


def read_message(row: RowMapping) -> Message:
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        author=Author(row["author"]),
        text=row["text"],
        language=Language(row["language"]) if row["language"] else None,
        created_at=utc(row["created_at"]),
        client_message_id=row["client_message_id"],
        agent_id=row["agent_id"],
    )


def read_turn(row: RowMapping) -> Turn:
    """A question's row with its answer's columns as `answer_…` and the decision's as they are."""
    reply = Reply(
        message_id=row["answer_id"],
        text=row["answer_text"],
        language=Language(row["answer_language"]),
        action=Action(row["action"]),
        intent=row["intent"],
        confidence=row["confidence"],
        citations=tuple(Citation(**citation) for citation in row["citations"]),
        suggestions=tuple(Suggestion(**suggestion) for suggestion in row["suggestions"]),
        author=Author(row["answer_author"]),
        versions=row["versions"],
        latency_ms=row["latency_ms"],
    )
    return Turn(
        conversation_id=row["conversation_id"],
        client_message_id=row["client_message_id"],
        question=row["text"],
        question_message_id=row["id"],
        received_at=utc(row["created_at"]),
        reply=reply,
        decision=row["evidence"],
        error=row["error"],
    )
