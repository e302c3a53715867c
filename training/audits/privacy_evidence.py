"""What shows that promises about personal data were kept: counts and dates, never the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

ErasureState = Literal["kept", "missed", "open", "overdue"]


@dataclass(frozen=True)
class ConsentCount:
    scope: str
    granted: int
    withdrawn: int
    """Of those who once granted it."""
    never_given: int


@dataclass(frozen=True)
class Erasure:
    reference: str
    """Of the request, not of the customer."""
    requested_at: datetime
    deadline: datetime
    completed_at: datetime | None = None

    def state(self, now: datetime) -> ErasureState:
        if self.completed_at is not None:
            return "kept" if self.completed_at <= self.deadline else "missed"
        return "open" if now <= self.deadline else "overdue"


@dataclass(frozen=True)
class UnsealCount:
    """How often originals were opened."""

    role: str
    purpose: str
    """Empty where none was given."""
    opened: int
    refused: int = 0


@dataclass(frozen=True)
class ReadCount:
    """How often masked words of customers were looked at: of each reader, place and hour once."""

    role: str
    purpose: str
    """`service`, `supervision`, `audit` or `improve`."""
    conversations: int
    lists: int
    """Where words of many customers stand together: the queue, the sentences to be reviewed."""
    readers: int


@dataclass(frozen=True)
class LedgerCheck:
    entries: int
    intact: bool
    broken_at: int | None = None
    """Sequence number of the first entry that does not fit."""
    anchored: bool = False
    """Whether the head was compared with one kept elsewhere: else a cut tail goes unseen."""


@dataclass(frozen=True)
class MasterKey:
    id: str
    created_at: datetime
    data_keys: int
    """Customers' keys that it wraps."""


@dataclass(frozen=True)
class RetentionRun:
    rule: str
    ran_at: datetime
    due: int
    removed: int
    error: str | None = None
    """Class name of what went wrong."""


@dataclass(frozen=True)
class CanaryScan:
    """Made-up personal data sent through the product, then searched for outside sealed values."""

    scanned_at: datetime
    planted: int
    places: tuple[str, ...]
    """Tables, files, logs, queues that were searched."""
    found: int
    found_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class PrivacyEvidence:
    """None means that nobody looked, an empty tuple that there was nothing to see."""

    consents: tuple[ConsentCount, ...] | None = None
    erasures: tuple[Erasure, ...] | None = None
    reads: tuple[ReadCount, ...] | None = None
    unsealings: tuple[UnsealCount, ...] | None = None
    ledger: LedgerCheck | None = None
    keys: tuple[MasterKey, ...] | None = None
    retention: tuple[RetentionRun, ...] | None = None
    canaries: CanaryScan | None = None


@dataclass(frozen=True)
class PrivacyLimits:
    oldest_key: timedelta = timedelta(days=365)
    """NIST SP 800-57 part 1 rev. 5, section 5.3.6: a key-wrapping key is used for at most
    two years; half of that leaves time to notice."""
    longest_without_retention: timedelta = timedelta(days=2)


@dataclass(frozen=True)
class Finding:
    """Something that is not as promised. `rule` names a sentence in the wording tables."""

    rule: str
    subject: str = ""
    count: int = 0


def find_breaches(
    evidence: PrivacyEvidence, *, now: datetime, limits: PrivacyLimits | None = None
) -> tuple[Finding, ...]:
    limits = limits or PrivacyLimits()
    return (
        *_erasure_findings(evidence.erasures or (), now),
        *_unsealing_findings(evidence),
        *_key_findings(evidence.keys or (), now, limits),
        *_retention_findings(evidence.retention, now, limits),
        *_canary_findings(evidence.canaries),
    )


def unexamined(evidence: PrivacyEvidence) -> tuple[str, ...]:
    """Names of the parts that nobody looked at."""
    return tuple(name for name, value in vars(evidence).items() if value is None)


def _erasure_findings(erasures: tuple[Erasure, ...], now: datetime) -> list[Finding]:
    states = [erasure.state(now) for erasure in erasures]
    rules = (("erasure_missed", "missed"), ("erasure_overdue", "overdue"))
    return [Finding(rule, "", states.count(s)) for rule, s in rules if s in states]


def _unsealing_findings(evidence: PrivacyEvidence) -> list[Finding]:
    findings = [
        Finding("unsealed_without_purpose", one.role, one.opened)
        for one in evidence.unsealings or ()
        if not one.purpose.strip() and one.opened
    ]
    if evidence.ledger is not None and not evidence.ledger.intact:
        where = evidence.ledger.broken_at
        findings.append(Finding("ledger_broken", "?" if where is None else str(where)))
    return findings


def _key_findings(
    keys: tuple[MasterKey, ...], now: datetime, limits: PrivacyLimits
) -> list[Finding]:
    return [
        Finding("key_old", key.id, (now - key.created_at).days)
        for key in keys
        if now - key.created_at > limits.oldest_key
    ]


def _retention_findings(
    runs: tuple[RetentionRun, ...] | None, now: datetime, limits: PrivacyLimits
) -> list[Finding]:
    if runs is None:
        return []
    if not runs:
        return [Finding("retention_never_ran")]
    findings = []
    for rule in sorted({run.rule for run in runs}):
        latest = max((run for run in runs if run.rule == rule), key=lambda run: run.ran_at)
        if latest.error is not None:
            findings.append(Finding("retention_failed", rule))
        elif latest.removed < latest.due:
            findings.append(Finding("retention_incomplete", rule, latest.due - latest.removed))
        if now - latest.ran_at > limits.longest_without_retention:
            findings.append(Finding("retention_late", rule, (now - latest.ran_at).days))
    return findings


def _canary_findings(scan: CanaryScan | None) -> list[Finding]:
    if scan is None:
        return []
    if scan.planted == 0:
        return [Finding("canaries_none_planted")]
    return [Finding("canaries_found", ", ".join(scan.found_in), scan.found)] if scan.found else []
