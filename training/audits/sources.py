"""What an audit is made from, handed in by whoever knows the database and the live models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatbot.attributes import Offer
from chatbot.ports import IntentModel
from training.audits.conclusions import Audit
from training.audits.fairness import measure_fairness
from training.audits.metrics import Limits
from training.audits.privacy_evidence import PrivacyEvidence, PrivacyLimits
from training.audits.probe_sentences import Probe, read_probes
from training.audits.probes import ProbeReport, count_texts, run_probes
from training.audits.records import ConversationRecord, Period
from training.progress import SilentWatch, Watch

Kind = Literal["fairness", "compliance"]


@dataclass(frozen=True)
class Product:
    """The live product as the probes ask it."""

    model: IntentModel
    decide: Callable[[str], str]
    """What a sentence as typed leads to: `answer`, `handoff`, … with the article's id if any.
    It must leave no record."""
    prepare: Callable[[str], str]
    """What the product does to a text before `model` sees it."""


@dataclass(frozen=True)
class AuditSources:
    organisation: str
    source: str
    """Where the records come from, in the operator's words."""
    now: Callable[[], datetime]
    signing_key: Callable[[], Ed25519PrivateKey]
    records: Callable[[Period], Sequence[ConversationRecord]]
    product: Callable[[], Product] | None = None
    """Loads models, so it is called only when probes run."""
    privacy: Callable[[Period], PrivacyEvidence] | None = None
    attributes: Offer = field(default_factory=dict)
    """What customers may tell about themselves, by the name that records carry."""
    versions: Mapping[str, str] = field(default_factory=dict)


def make_audit(
    sources: AuditSources,
    kind: Kind,
    *,
    period: Period,
    limits: Limits | None = None,
    privacy_limits: PrivacyLimits | None = None,
    probes: Sequence[Probe] | None = None,
    watch: Watch | None = None,
) -> Audit:
    """Outcomes and probes; for `compliance` the evidence on privacy as well.

    `probes` are the shipped sentences unless others are given.
    """
    watch = watch or SilentWatch()
    watch.stage("Comparing groups", 2)
    records = [record for record in sources.records(period) if period.holds(record)]
    watch.advance()
    fairness = measure_fairness(records, limits=limits, attributes=sources.attributes)
    watch.advance()
    privacy = sources.privacy if kind == "compliance" else None
    return Audit(
        organisation=sources.organisation,
        period=period,
        generated_at=sources.now(),
        source=sources.source,
        versions=sources.versions,
        attributes=sources.attributes,
        fairness=fairness,
        probes=_probe(sources, read_probes() if probes is None else probes, watch),
        privacy=privacy(period) if privacy is not None else None,
        privacy_limits=privacy_limits or PrivacyLimits(),
    )


def _probe(sources: AuditSources, probes: Sequence[Probe], watch: Watch) -> ProbeReport | None:
    if sources.product is None or not probes:
        return None
    product = sources.product()
    watch.stage("Asking the models", count_texts(probes))
    return run_probes(
        product.model,
        product.decide,
        probes=probes,
        prepare=product.prepare,
        advance=watch.advance,
    )
