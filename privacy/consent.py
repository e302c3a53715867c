"""What a customer agreed to: statements are only ever added, what holds now follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from privacy.errors import ConsentInvalid


class Scope(StrEnum):
    SERVICE = "service"
    """Answer and keep the conversation, as the disclosure says."""
    ANALYTICS = "analytics"
    """Count the conversation, without its words, in reports. It takes no consent, so that silence
    counts; who refuses is left out (GDPR 21)."""
    IMPROVE = "improve"
    """Training: learn from redacted text."""
    AUDIT = "audit"
    """Fairness attributes: use what the customer gives freely for fairness audits."""


@dataclass(frozen=True)
class Consent:
    """GDPR 7(1): the company must be able to show who agreed to what, when, in which words."""

    customer: str
    scope: Scope
    granted: bool
    """False: refused, or withdrawn."""
    at: datetime
    wording_version: str
    language: str

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ConsentInvalid("its time has no time zone")
        for name in ("customer", "wording_version", "language"):
            if not getattr(self, name).strip():
                raise ConsentInvalid(f"its {name.replace('_', ' ')} is empty")


def withdrawn(consent: Consent, *, at: datetime) -> Consent:
    """The statement that ends this one. Raises ConsentInvalid for a time before it."""
    withdrawal = replace(consent, granted=False, at=at)
    if at < consent.at:
        raise ConsentInvalid("it would be withdrawn before it was given")
    return withdrawal


def standing(history: Iterable[Consent], customer: str, *, now: datetime) -> dict[Scope, Consent]:
    """The latest statement on each scope, `now` included; later ones do not count yet.

    Of two statements at the same instant the refusal holds, in whatever order they were stored.
    """
    latest: dict[Scope, Consent] = {}
    for consent in history:
        if consent.customer != customer or consent.at > now:
            continue
        known = latest.get(consent.scope)
        if known is None or (consent.at, not consent.granted) > (known.at, not known.granted):
            latest[consent.scope] = consent
    return latest


def permits(history: Iterable[Consent], customer: str, *, scope: Scope, now: datetime) -> bool:
    """Silence is no consent."""
    consent = standing(history, customer, now=now).get(scope)
    return consent is not None and consent.granted


def objects(history: Iterable[Consent], customer: str, *, scope: Scope, now: datetime) -> bool:
    """Where no consent is needed, a refusal that stands is what counts."""
    consent = standing(history, customer, now=now).get(scope)
    return consent is not None and not consent.granted
