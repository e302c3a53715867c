"""Originals as they are kept: sealed with their customer's key, each in its own place."""

from __future__ import annotations

import structlog

from privacy.envelope import Context, Sealed, seal, unseal
from privacy.errors import PrivacyError
from privacy.keyring import KeyRing

_log = structlog.get_logger()


def seal_message(keys: KeyRing, text: str, *, customer: str, message_id: str) -> bytes | None:
    """None where the key ring fails: the customer is answered, the original is not kept."""
    try:
        key = keys.data_key(customer)
    except (PrivacyError, OSError) as error:
        _log.error("original_not_sealed", message=message_id, error=type(error).__name__)
        return None
    return seal(text, key, context=message_context(message_id)).to_bytes()


def open_message(keys: KeyRing, sealed: bytes, *, customer: str, message_id: str) -> str:
    """Raises PrivacyError: the key was destroyed or is unknown, or the value was altered."""
    return unseal(
        Sealed.from_bytes(sealed), keys, customer=customer, context=message_context(message_id)
    )


def message_context(message_id: str) -> Context:
    return Context("messages", message_id, "text")


def attribute_context(customer: str, name: str) -> Context:
    return Context("attributes", customer, name)
