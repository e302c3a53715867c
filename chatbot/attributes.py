"""What customers may tell about themselves for fairness audits: chosen values, never free text.

Which attributes there are is the company's decision. One is kept only while its customer agrees
to audits; whoever takes that back takes the attributes back with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chatbot.conversation import Conversation, Language
from chatbot.errors import AttributeRefused, AttributeUnknown, CustomerMissing
from chatbot.language import to_traditional
from chatbot.privacy_ports import Attributes, Consents
from privacy.consent import Scope, permits


@dataclass(frozen=True)
class Label:
    """What customers and auditors read."""

    en: str
    zh: str
    """In simplified characters."""

    def say(self, language: Language) -> str:
        text = self.en if language is Language.EN else self.zh
        return to_traditional(text) if language is Language.ZH_HANT else text


@dataclass(frozen=True)
class Attribute(Label):
    values: Mapping[str, Label]
    """By the word that is stored."""


Offer = Mapping[str, Attribute]
"""By the name that is stored."""


def give_attribute(
    attributes: Attributes,
    consents: Consents,
    *,
    offer: Offer,
    customer: str,
    name: str,
    value: str,
    at: datetime,
) -> None:
    """Keep one value; the last word counts.

    Raises AttributeUnknown, and AttributeRefused without the customer's standing consent to
    audits. Consent is looked at again afterwards: it may be withdrawn in the same moment, by a
    process that saw nothing to delete yet.
    """
    check_attribute(offer, name, value=value)
    if not _agrees(consents, customer, at=at):
        raise AttributeRefused
    attributes.give(customer, name, value=value, at=at)
    if not _agrees(consents, customer, at=at):
        attributes.take_back(customer)
        raise AttributeRefused


def check_attribute(offer: Offer, name: str, *, value: str | None = None) -> None:
    """Raises AttributeUnknown for a name or a value that the company does not ask for."""
    if name not in offer:
        raise AttributeUnknown("attribute", tuple(offer))
    if value is not None and value not in offer[name].values:
        raise AttributeUnknown(f"value of {name}", tuple(offer[name].values))


def named_customer(conversation: Conversation) -> str:
    """Raises CustomerMissing where the host page named nobody."""
    if conversation.customer == conversation.id:
        raise CustomerMissing
    return conversation.customer


def _agrees(consents: Consents, customer: str, *, at: datetime) -> bool:
    history = consents.history(customer)
    # Another process's clock may be ahead of `at`: its statement counts already.
    latest = max((consent.at for consent in history), default=at)
    return permits(history, customer, scope=Scope.AUDIT, now=max(at, latest))
