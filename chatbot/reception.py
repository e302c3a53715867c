"""Opening, finding and ending conversations."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from chatbot.conversation import Conversation, Language
from chatbot.errors import ConversationClosed, ConversationUnknown
from chatbot.ports import Clock, ConversationStore

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Opened:
    conversation: Conversation
    token: str
    """Shown once; only its SHA-256 is kept."""


def open_conversation(
    store: ConversationStore,
    clock: Clock,
    *,
    channel: str,
    collection: str,
    language: Language | None = None,
    customer: str | None = None,
    token_of: Callable[[str], str] | None = None,
) -> Opened:
    """`customer` is the host page's word: whoever can open a conversation can say any.

    It decides whose key seals and whose data an export gives out, so nothing is ever read back to
    the page because of it. `token_of` derives the token from the conversation's id, for a caller
    who can do so again; without it the token is random.
    """
    conversation_id = str(uuid4())
    token = secrets.token_urlsafe(TOKEN_BYTES) if token_of is None else token_of(conversation_id)
    conversation = Conversation(
        id=conversation_id,
        channel=channel,
        collection=collection,
        language=language,
        token_sha256=_fingerprint(token),
        created_at=clock.now(),
        customer=customer or "",
    )
    store.open(conversation)
    return Opened(conversation, token)


def find_conversation(store: ConversationStore, conversation_id: str, token: str) -> Conversation:
    """The conversation, for whoever holds its token.

    A wrong token and an unknown id give the same error, so that nobody can probe for ids.
    """
    conversation = store.find(conversation_id)
    expected = conversation.token_sha256 if conversation is not None else _fingerprint("")
    matches = hmac.compare_digest(expected, _fingerprint(token))
    if conversation is None or not matches:
        raise ConversationUnknown
    return conversation


def close_conversation(
    store: ConversationStore, conversation: Conversation, *, at: datetime
) -> None:
    store.close(conversation.id, at=at)


def ask_for_person(store: ConversationStore, conversation: Conversation) -> None:
    if conversation.closed_at is not None:
        raise ConversationClosed
    store.request_handoff(conversation.id)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
