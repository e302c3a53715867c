"""What follows from the figures of an audit: what is not met, and what nobody measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chatbot.attributes import Offer
from training.audits.fairness import FairnessResult
from training.audits.privacy_evidence import (
    PrivacyEvidence,
    PrivacyLimits,
    find_breaches,
    unexamined,
)
from training.audits.probes import ProbeReport
from training.audits.records import Period


@dataclass(frozen=True)
class Audit:
    """Everything that one report tells. None marks a part that was not measured."""

    organisation: str
    period: Period
    generated_at: datetime
    source: str
    """Where the conversations were read from, in the operator's words."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the product, its models and its index."""
    attributes: Offer = field(default_factory=dict)
    """What customers were asked for; each is a dimension of `fairness`."""
    fairness: FairnessResult | None = None
    probes: ProbeReport | None = None
    privacy: PrivacyEvidence | None = None
    privacy_limits: PrivacyLimits = field(default_factory=PrivacyLimits)


@dataclass(frozen=True)
class Statement:
    """A sentence of the wording tables, `rule`, with the values it needs."""

    rule: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Conclusions:
    unmet: tuple[Statement, ...]
    unmeasured: tuple[str, ...]
    """Names of parts: `fairness`, `probes`, `privacy`, `privacy.ledger`, …"""


def conclude(audit: Audit) -> Conclusions:
    return Conclusions(
        unmet=(*_unfair(audit), *_flipped(audit), *_breaches(audit)),
        unmeasured=_unmeasured(audit),
    )


def _unfair(audit: Audit) -> list[Statement]:
    flags = audit.fairness.flags if audit.fairness else ()
    return [
        Statement(
            "flag",
            {
                "dimension": flag.dimension,
                "outcome": flag.outcome,
                "group": flag.group,
                "reference": flag.reference,
                "value": flag.value,
                "reference_value": flag.reference_value,
                "difference": flag.difference,
                "low": flag.family_interval.low,
                "high": flag.family_interval.high,
            },
        )
        for flag in flags
    ]


def _flipped(audit: Audit) -> list[Statement]:
    figures = audit.probes.figures if audit.probes else ()
    return [
        Statement(
            "flips",
            {
                "probe": figure.dimension,
                "language": figure.language,
                "flips": figure.action.flips,
                "pairs": figure.action.pairs,
                "rate": figure.action.rate,
            },
        )
        for figure in figures
        if figure.action.flips
    ]


def _breaches(audit: Audit) -> list[Statement]:
    if audit.privacy is None:
        return []
    findings = find_breaches(audit.privacy, now=audit.generated_at, limits=audit.privacy_limits)
    return [
        Statement(finding.rule, {"subject": finding.subject, "count": finding.count})
        for finding in findings
    ]


def _unmeasured(audit: Audit) -> tuple[str, ...]:
    parts = tuple(
        name for name in ("fairness", "probes", "privacy") if getattr(audit, name) is None
    )
    inside = unexamined(audit.privacy) if audit.privacy else ()
    return (*parts, *(f"privacy_{name}" for name in inside))
