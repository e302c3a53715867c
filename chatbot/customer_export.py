"""All that is kept about one customer, as the customer may ask to have it (GDPR 15, PIPL 45)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chatbot.errors import CustomerUnknown, OriginalGone
from chatbot.privacy_desk import Actor, PrivacyDesk, accept_purpose, open_kept, write
from chatbot.privacy_ports import Kept, KeptConversation
from chatbot.subjects import conversation_subject, subject_of
from privacy.keyring import KeyRing
from privacy.ledger import Entry

Json = dict[str, Any]


def export_customer(desk: PrivacyDesk, actor: Actor, *, customer: str, purpose: str) -> Json:
    """JSON values, originals included; written to the ledger first. Raises CustomerUnknown."""
    reason = accept_purpose(purpose)
    if not desk.data.knows(customer):
        raise CustomerUnknown
    subject = subject_of(desk.keys, customer)
    write(desk, actor, "export", subject=subject, purpose=reason)
    kept = list(desk.data.conversations(customer))
    conversations = [_conversation(desk.keys, one) for one in kept]
    messages = [message["id"] for one in conversations for message in one["messages"]]
    subjects = [
        subject,
        *(conversation_subject(desk.keys, one.conversation) for one in kept),
        *(f"message:{identifier}" for identifier in messages),
    ]
    everything = {
        "customer": customer,
        "exported_at": desk.clock.now(),
        "conversations": conversations,
        "consents": [asdict(consent) for consent in desk.consents.history(customer)],
        "attributes": [
            {"name": told.name, "value": told.value, "at": told.at}
            for told in desk.attributes.told_by([customer])
        ],
        **desk.data.belongings(customer),
        "looked_at_by": [_look(one) for one in desk.ledger.entries(subjects=subjects)],
    }
    return {name: _plain(value) for name, value in everything.items()}


def _conversation(keys: KeyRing, kept: KeptConversation) -> Json:
    conversation = kept.conversation
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "collection": conversation.collection,
        "opened_at": conversation.created_at,
        "closed_at": conversation.closed_at,
        "state": conversation.state.value,
        "memory": dict(conversation.memory),
        "messages": [
            {
                **_message(keys, one),
                "decision": kept.decisions.get(one.message.id),
                "feedback": kept.feedback.get(one.message.id),
            }
            for one in kept.messages
        ],
    }


def _message(keys: KeyRing, kept: Kept) -> Json:
    message = kept.message
    said: Json = {
        "id": message.id,
        "at": message.created_at,
        "author": message.author.value,
        "language": message.language.value if message.language else None,
        "text": message.text,
        "original": None,
    }
    if kept.sealed is None:
        return said
    try:
        return {**said, "original": open_kept(keys, kept)}
    except OriginalGone as error:
        return {**said, "original_missing": str(error)}


def _look(entry: Entry) -> Json:
    """The role tells the customer what they need; the employee's id is the company's matter."""
    subject = entry.subject if entry.subject.startswith("message:") else "customer"
    return {
        "at": entry.at,
        "role": entry.role,
        "action": entry.action,
        "what": subject,
        "purpose": entry.purpose,
    }


def _plain(value: Any) -> Any:
    """Moments as text; everything else is JSON already."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
