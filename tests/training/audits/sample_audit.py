"""A whole audit, unfair and careless on purpose, from made-up conversations and records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chatbot.attributes import Attribute, Label
from chatbot.conversation import Language
from chatbot.fakes import KeywordIntents
from tests.training.audits.simulated_log import START, simulate_log
from training.audits import privacy_evidence as evidence
from training.audits.conclusions import Audit
from training.audits.fairness import measure_fairness
from training.audits.probe_sentences import Probe
from training.audits.probes import ProbeReport, run_probes
from training.audits.records import Period

NOW = datetime(2026, 4, 2, 9, 30, tzinfo=UTC)
REGIONS = {
    "region": Attribute(
        "Region", "地区", {"a": Label("North", "北方"), "b": Label("South", "南方")}
    )
}
UNFAIR = {Language.EN: 0.15, Language.ZH_HANS: 0.5}


def sample_audit() -> Audit:
    return Audit(
        organisation="Maplewood & Sons <枫木>",
        period=Period(START, START + timedelta(days=31)),
        generated_at=NOW,
        source="conversation store",
        versions={"kefu": "0.1.0", "intents": "2026-03-30"},
        attributes=REGIONS,
        fairness=measure_fairness(
            simulate_log(300, seed=7, handoff_by_language=UNFAIR), attributes=REGIONS
        ),
        probes=sample_probes(),
        privacy=sample_evidence(),
    )


def sample_probes() -> ProbeReport:
    model = KeywordIntents({"refund": ["refund", "退款"], "parcel": ["parcel", "包裹"]})
    probes = [
        Probe("en", "name", "english", "1", "Anna here, my refund?", "John here, my refund?"),
        Probe("en", "spelling", "learner", "2", "Where is my parcel?", "Where are my parzel?"),
        Probe("zh", "script", "traditional", "3", "我的退款呢", "我的退款勒"),
    ]
    return run_probes(model, lambda text: model.understand([text])[0].intent, probes=probes)


def sample_evidence() -> evidence.PrivacyEvidence:
    day = timedelta(days=1)
    return evidence.PrivacyEvidence(
        consents=(
            evidence.ConsentCount("improve", 120, 4, 176),
            evidence.ConsentCount("audit", 60, 1, 239),
        ),
        erasures=(
            evidence.Erasure("E-1", START, START + 31 * day, START + 2 * day),
            evidence.Erasure("E-2", START - 40 * day, START - 10 * day, START),
            evidence.Erasure("E-3", START + 20 * day, START + 50 * day),
        ),
        reads=(
            evidence.ReadCount("agent", "service", 1042, 310, readers=7),
            evidence.ReadCount("auditor", "audit", 12, 0, readers=1),
        ),
        unsealings=(
            evidence.UnsealCount("agent", "customer asked", 5, refused=1),
            evidence.UnsealCount("admin", "", 2),
        ),
        ledger=evidence.LedgerCheck(entries=8, intact=True),
        keys=(evidence.MasterKey("mk-2", NOW - 400 * day, 298),),
        retention=(evidence.RetentionRun("originals_days", NOW - day, due=12, removed=12),),
        canaries=evidence.CanaryScan(NOW, 40, ("tables", "logs", "queue"), found=0),
    )
