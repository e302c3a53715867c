"""What stands for customers and conversations in the ledger: keyed hashes that lead to nobody."""

from __future__ import annotations

import hashlib
import hmac

from chatbot.conversation import Conversation
from privacy.keyring import KeyRing

_REFERENCE = "customer reference"


def reference_of(keys: KeyRing, customer: str) -> str:
    """What stands for a customer where nothing may lead to the person: 64 hexadecimal digits."""
    secret = keys.secret_for(_REFERENCE)
    return hmac.new(secret, customer.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def subject_of(keys: KeyRing, customer: str) -> str:
    return f"customer:{reference_of(keys, customer)[:32]}"


def conversation_subject(keys: KeyRing, conversation: Conversation) -> str:
    """The customer first. The number of a conversation of somebody nobody named is the reference
    of the customer, so that it is hashed too."""
    customer = subject_of(keys, conversation.customer)
    return f"{customer} conversation:{reference_of(keys, conversation.id)[:16]}"
