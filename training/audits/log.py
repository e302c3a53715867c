"""Audits of this installation: its log, its evidence on privacy, its live models."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from chatbot.adapters.store_outcomes import Outcome, SqlOutcomes
from chatbot.attributes import Offer
from chatbot.conversation import Language
from chatbot.privacy_desk import Actor, PrivacyDesk, counts_of, write
from chatbot.read_log import QUEUE, READ
from chatbot.settings import Settings
from chatbot.subjects import reference_of
from knowledge_base.storage import write_atomically
from privacy.consent import Scope
from privacy.keyring import KeyRing
from privacy.ledger import Entry
from privacy.signing import public_pem, signing_key
from training.audits.privacy_evidence import (
    ConsentCount,
    Erasure,
    LedgerCheck,
    MasterKey,
    PrivacyEvidence,
    ReadCount,
    RetentionRun,
    UnsealCount,
)
from training.audits.records import ConversationRecord, Period
from training.audits.sources import AuditSources, Product

PUBLIC_KEY = "public-key.pem"
_WORDLESS = "nothing_to_understand"
_REFERENCE_CHARACTERS = 32
AUDITOR = Actor("audit job", "auditor-system")
OPEN_ATTRIBUTES = "open_attributes"
REFUSED = "unseal_refused"
_READINGS = (READ, "export_review")
_LISTS = re.compile(f"{QUEUE}$|review:")
_OPENINGS = ("unseal", "export", OPEN_ATTRIBUTES, REFUSED)

Groups = Mapping[str, Mapping[str, str]]
"""By customer: values by attribute."""


def audits_home(settings: Settings) -> Path:
    return settings.home / "audits"


def connect_sources(settings: Settings) -> AuditSources:
    """Opens the database and the key ring; models load when probes run."""
    from chatbot.bootstrap import open_database
    from chatbot.key_home import open_key_ring
    from chatbot.privacy_home import make_privacy_desk

    engine, keys = open_database(settings), open_key_ring(settings)
    desk = make_privacy_desk(engine, keys)
    outcomes, offer = SqlOutcomes(engine), settings.offered_attributes
    publish_key(audits_home(settings), keys)
    return AuditSources(
        organisation=f"{settings.company_name_en} · {settings.company_name_zh}",
        source=f"The log of this installation (schema of Kefu {version('kefu')})",
        now=lambda: datetime.now(UTC),
        signing_key=partial(signing_key, keys),
        records=lambda period: tuple(
            read_records(outcomes, keys, period, told=read_told(desk, outcomes, offer))
        ),
        product=partial(_live, settings),
        privacy=lambda period: read_evidence(desk, outcomes, period),
        attributes=offer,
        versions={"kefu": version("kefu")},
    )


def publish_key(folder: Path, keys: KeyRing) -> Path:
    """What a reader checks reports with; hand it over by another way than the reports."""
    folder.mkdir(parents=True, exist_ok=True)
    pem = public_pem(signing_key(keys).public_key())
    path = folder / PUBLIC_KEY
    if not path.is_file() or path.read_bytes() != pem:
        write_atomically(path, pem)
    return path


def read_told(desk: PrivacyDesk, outcomes: SqlOutcomes, offer: Offer) -> Groups:
    """What those told whose consent to audits stands, of what the company asks for today.

    However many values are opened, the ledger has it in one entry, written first.
    """
    agreed = [customer for customer, stands in outcomes.agreed(Scope.AUDIT).items() if stands]
    if not offer or not agreed:
        return {}
    subject = f"attributes of {len(agreed)} customers"
    write(desk, AUDITOR, OPEN_ATTRIBUTES, subject=subject, purpose="fairness audit")
    groups: dict[str, dict[str, str]] = {}
    for told in desk.attributes.told_by(agreed):
        if told.value is not None and told.name in offer and told.value in offer[told.name].values:
            groups.setdefault(told.customer, {})[told.name] = told.value
    return groups


def read_records(
    outcomes: SqlOutcomes, keys: KeyRing, period: Period, *, told: Groups | None = None
) -> Iterator[ConversationRecord]:
    """Customers appear under a keyed hash; `told` has what they told, by their reference.

    Who refused to be counted is left out.
    """
    read = outcomes.of_conversations(since=period.since, until=period.until)
    objecting = outcomes.objecting(Scope.ANALYTICS)
    for _, group in groupby(read, key=lambda outcome: outcome.conversation_id):
        turns = list(group)
        if turns[0].customer in objecting:
            continue
        customer = reference_of(keys, turns[0].customer)[:_REFERENCE_CHARACTERS]
        yield _record(turns, customer, (told or {}).get(turns[0].customer, {}))


def _record(
    turns: Sequence[Outcome], customer: str, groups: Mapping[str, str]
) -> ConversationRecord:
    first = turns[0]
    votes = [turn.helpful for turn in turns if turn.helpful is not None]

    def share(*, action: str | None = None, intent: str | None = None) -> float:
        found = sum(
            turn.error is None and (turn.action == action or turn.intent == intent)
            for turn in turns
        )
        return found / len(turns)

    return ConversationRecord(
        id=first.conversation_id,
        customer=customer,
        language=_language(turns),
        channel=first.channel,
        started_at=first.conversation_began,
        turns=len(turns),
        handed_off=first.handed_off,
        refused=share(action="refuse"),
        clarified=share(action="clarify"),
        failed=sum(turn.error is not None for turn in turns) / len(turns),
        out_of_scope=share(intent="out_of_scope"),
        # One answer that did not help is what the customer remembers.
        helpful=all(votes) if votes else None,
        first_latency_ms=first.latency_ms.get("total"),
        groups=groups,
    )


def _language(turns: Iterable[Outcome]) -> Language | None:
    spoken = Counter(
        turn.language
        for turn in turns
        if turn.language and turn.evidence.get("reason") != _WORDLESS
    )
    return Language(spoken.most_common(1)[0][0]) if spoken else None


def read_evidence(desk: PrivacyDesk, outcomes: SqlOutcomes, period: Period) -> PrivacyEvidence:
    """Reads and openings are of the period; consents, keys and erasures are as they stand now."""
    entries = desk.ledger.entries()
    verdict = desk.ledger.verify()
    return PrivacyEvidence(
        consents=tuple(_consents(outcomes)),
        erasures=tuple(
            Erasure(one.id, one.requested_at, one.deadline, one.done_at)
            for one in desk.erasures.all()
        ),
        reads=tuple(_reads(entries, period)),
        unsealings=tuple(_unsealings(entries, period)),
        ledger=LedgerCheck(
            entries=verdict.entries,
            intact=verdict.intact,
            broken_at=verdict.breaks[0].first if verdict.breaks else None,
            anchored=verdict.anchored,
        ),
        keys=tuple(
            MasterKey(master.id, master.created_at, master.keys)
            for master in desk.keys.status().masters
        ),
        retention=tuple(_retention(entries, period)),
    )


def _consents(outcomes: SqlOutcomes) -> Iterator[ConsentCount]:
    customers = outcomes.customers()
    for scope in (Scope.IMPROVE, Scope.AUDIT):
        standing = outcomes.agreed(scope)
        granted = sum(standing.values())
        never = len(customers - standing.keys())
        yield ConsentCount(scope.value, granted, len(standing) - granted, never)


def _reads(entries: Iterable[Entry], period: Period) -> Iterator[ReadCount]:
    by: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.action in _READINGS and period.since <= entry.at < period.until:
            by.setdefault((entry.role, entry.purpose), []).append(entry)
    for (role, purpose), read in sorted(by.items()):
        lists = sum(_LISTS.match(entry.subject) is not None for entry in read)
        readers = len({entry.actor for entry in read})
        yield ReadCount(role, purpose, len(read) - lists, lists, readers)


def _unsealings(entries: Iterable[Entry], period: Period) -> Iterator[UnsealCount]:
    counts = Counter(
        (entry.role, entry.purpose, entry.action)
        for entry in entries
        if entry.action in _OPENINGS and period.since <= entry.at < period.until
    )
    for role, purpose in sorted({(role, purpose) for role, purpose, _ in counts}):
        refused = counts[role, purpose, REFUSED]
        opened = sum(counts[role, purpose, action] for action in _OPENINGS if action != REFUSED)
        yield UnsealCount(role, purpose, opened, refused)


def _retention(entries: Iterable[Entry], period: Period) -> Iterator[RetentionRun]:
    """A run deletes what is due in one transaction or fails and leaves no entry."""
    for entry in entries:
        if entry.action == "purge" and period.since <= entry.at < period.until:
            removed = sum(counts_of(entry).values())
            yield RetentionRun("retention", entry.at, due=removed, removed=removed)


def _live(settings: Settings) -> Product:
    from chatbot.bootstrap import build
    from chatbot.fakes import MemoryStore
    from training.audits.live_product import live_product

    return live_product(build(settings, store=MemoryStore()).desk(settings.collection))
