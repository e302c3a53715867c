"""How long what is kept, and by when an erasure must be done. Pure rules; callers delete."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from privacy.errors import RetentionInvalid


class Category(StrEnum):
    ORIGINAL = "original"
    """Sealed text as the customer wrote it."""
    REDACTED = "redacted"
    """The conversation with personal data masked, its decisions and timings."""
    AUDIT = "audit"
    """Entries of the ledger, erasure records."""
    CONSENT = "consent"
    """Statements of consent, counted from the moment they stopped to hold."""


@dataclass(frozen=True)
class RetentionRules:
    """Days of 24 hours from the moment a record was made."""

    # Long enough to settle a complaint, short enough to be no archive.
    originals_days: int = 90
    # A year shows the seasons that training and audits must cover.
    redacted_days: int = 365
    # Claims under consumer and data protection law lapse after three years in most places.
    audit_days: int = 3 * 365
    consent_days: int = 3 * 365

    def __post_init__(self) -> None:
        for category in Category:
            if self.days(category) < 1:
                raise RetentionInvalid(
                    f"{self.days(category)} days for {category}: at least one day is needed"
                )
        if self.originals_days > self.redacted_days:
            raise RetentionInvalid(
                f"originals ({self.originals_days} days) would outlive their redacted text "
                f"({self.redacted_days} days)"
            )

    def days(self, category: Category) -> int:
        return {
            Category.ORIGINAL: self.originals_days,
            Category.REDACTED: self.redacted_days,
            Category.AUDIT: self.audit_days,
            Category.CONSENT: self.consent_days,
        }[category]

    def cutoff(self, category: Category, *, now: datetime) -> datetime:
        """What was made at or before this moment is due: for a query in a database."""
        return now - timedelta(days=self.days(category))


@dataclass(frozen=True)
class Record:
    id: str
    category: Category
    created_at: datetime
    held: bool = False
    """Under a legal hold (GDPR 17(3)(e)): kept whatever its age."""


def due(records: Iterable[Record], rules: RetentionRules, *, now: datetime) -> Iterator[Record]:
    """What must be deleted now, in the order given."""
    cutoffs = {category: rules.cutoff(category, now=now) for category in Category}
    for record in records:
        if not record.held and record.created_at <= cutoffs[record.category]:
            yield record


def erasure_deadline(requested_at: datetime) -> datetime:
    """One calendar month later, GDPR 12(3): the same day and time, or the month's last day.

    Regulation 1182/71 would allow until midnight, and the next working day after a weekend; the
    promise does not lean on that. An extension by two months needs a reason and is the caller's.
    """
    year, month = requested_at.year + requested_at.month // 12, requested_at.month % 12 + 1
    day = min(requested_at.day, calendar.monthrange(year, month)[1])
    return requested_at.replace(year=year, month=month, day=day)
