from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.store_consents import SqlConsents
from chatbot.adapters.store_outcomes import SqlOutcomes
from chatbot.adapters.store_reports import SqlReports
from chatbot.adapters.tables import ledger
from chatbot.bootstrap import open_database
from chatbot.conversation import Action, Conversation, Language
from chatbot.fakes import FixedClock
from chatbot.people import Role, User
from chatbot.privacy_desk import Actor, PrivacyDesk, erase_customer, purge_expired
from chatbot.privacy_home import make_privacy_desk
from chatbot.read_log import QUEUE, purpose_of
from chatbot.settings import Settings
from privacy.consent import Consent, Scope
from privacy.keyring_memory import MemoryKeyRing
from privacy.retention import RetentionRules
from tests.training.logged_conversations import NOW, Said, agree, log_conversation
from training.audits import filing
from training.audits.log import connect_sources, publish_key, read_evidence, read_records
from training.audits.privacy_evidence import ReadCount
from training.audits.records import Period
from training.audits.signing import verify_report
from training.progress import SilentWatch

PERIOD = Period(NOW - timedelta(days=1), NOW + timedelta(days=1))


@pytest.fixture
def keys() -> MemoryKeyRing:
    return MemoryKeyRing()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'kefu.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(engine: Engine, keys: MemoryKeyRing) -> PrivacyDesk:
    return make_privacy_desk(engine, keys, clock=FixedClock(NOW))


def test_a_conversation_becomes_one_record_without_words(
    engine: Engine, keys: MemoryKeyRing
) -> None:
    chinese = Language.ZH_HANS
    log_conversation(
        engine,
        keys,
        Said("你好", language=chinese, helpful=True),
        Said("moon", Action.REFUSE, "out_of_scope", language=chinese, helpful=False),
        Said("??", Action.REFUSE, error="ValueError"),
        Said("person", Action.HANDOFF),
        customer="anna@example.com",
    )
    log_conversation(engine, keys, Said("old"), customer="b", at=NOW - timedelta(days=9))
    (record,) = read_records(SqlOutcomes(engine), keys, PERIOD)
    assert (record.language, record.channel, record.turns) == (chinese, "web", 4)
    assert (record.refused, record.failed, record.out_of_scope) == (0.25, 0.25, 0.25)
    assert record.handed_off
    assert record.helpful is False
    assert record.first_latency_ms == 12.5
    assert "anna" not in str(record)


def test_conversations_of_one_customer_belong_together(engine: Engine, keys: MemoryKeyRing) -> None:
    for customer in ("a", "a", "b"):
        log_conversation(engine, keys, Said("hello"), customer=customer)
    records = list(read_records(SqlOutcomes(engine), keys, PERIOD))
    assert len({record.customer for record in records}) == 2


def test_who_refused_to_be_counted_is_left_out_of_reports_until_agreeing_again(
    engine: Engine, keys: MemoryKeyRing
) -> None:
    for customer in ("a", "b"):
        log_conversation(engine, keys, Said("hello"), customer=customer)
    consents = SqlConsents(engine)
    for hour, granted, counted in ((0, False, 1), (1, True, 2), (2, False, 1)):
        at = NOW + timedelta(hours=hour)
        consents.add([Consent("a", Scope.ANALYTICS, granted, at, "1", "en")])
        assert len(list(read_records(SqlOutcomes(engine), keys, PERIOD))) == counted


def test_a_log_longer_than_a_page_is_read_whole(
    engine: Engine, keys: MemoryKeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.adapters.store_outcomes._PAGE", 3)
    for _ in range(4):
        log_conversation(engine, keys, Said("one"), Said("two"), customer="a")
    assert [one.turns for one in read_records(SqlOutcomes(engine), keys, PERIOD)] == [2] * 4


def test_evidence_tells_what_was_agreed_opened_deleted_and_erased(
    engine: Engine, keys: MemoryKeyRing, desk: PrivacyDesk
) -> None:
    for customer in ("a", "b", "c"):
        log_conversation(engine, keys, Said("hello"), customer=customer)
    agree(engine, "a")
    agree(engine, "b")
    agree(engine, "b", granted=False, at=NOW + timedelta(seconds=1))
    actor = Actor("u1", "auditor")
    write = {"at": NOW, "actor": "u1", "role": "auditor", "subject": "message:1"}
    desk.ledger.append(action="unseal", purpose="a complaint", **write)
    desk.ledger.append(action="unseal_refused", purpose="a complaint", **write)
    purge_expired(desk, RetentionRules(), actor=actor, now=NOW)
    erase_customer(desk, actor, customer="c", purpose="asked by letter")
    evidence = read_evidence(desk, SqlOutcomes(engine), PERIOD)
    assert evidence.consents is not None
    improve = next(one for one in evidence.consents if one.scope == Scope.IMPROVE.value)
    assert (improve.granted, improve.withdrawn, improve.never_given) == (1, 1, 1)
    assert evidence.unsealings is not None
    assert [(one.role, one.opened, one.refused) for one in evidence.unsealings] == [
        ("auditor", 1, 1)
    ]
    assert evidence.erasures is not None
    assert [one.state(NOW) for one in evidence.erasures] == ["kept"]
    assert evidence.ledger is not None
    assert evidence.ledger.intact
    assert evidence.keys is not None
    assert len(evidence.keys) == 1
    assert evidence.retention is not None
    assert len(evidence.retention) == 1


def test_reads_of_the_period_are_counted_by_role_and_purpose(
    engine: Engine, keys: MemoryKeyRing, desk: PrivacyDesk
) -> None:
    read = [("u1", "agent", "service", f"customer:{number}", NOW) for number in range(3)] + [
        ("u2", "agent", "service", "customer:1", NOW),
        ("u2", "agent", "service", "queue", NOW),
        ("u3", "admin", "improve", "review:demo", NOW),
        ("u1", "agent", "service", "customer:1", PERIOD.until),
    ]
    for actor, role, purpose, subject, at in read:
        desk.ledger.append(
            at=at, actor=actor, role=role, action="read", subject=subject, purpose=purpose
        )
    evidence = read_evidence(desk, SqlOutcomes(engine), PERIOD)
    assert evidence.reads == (
        ReadCount("admin", "improve", conversations=0, lists=1, readers=1),
        ReadCount("agent", "service", conversations=4, lists=1, readers=2),
    )
    assert evidence.unsealings == ()


def test_a_look_at_the_console_is_a_read_of_the_evidence(
    engine: Engine, keys: MemoryKeyRing, desk: PrivacyDesk
) -> None:
    reader = User("u1", "a@example.com", "A", Role.AUDITOR, "en", NOW)
    conversation = Conversation("c", "web", "demo", Language.EN, "0" * 64, NOW, customer="a")
    for _ in range(2):
        desk.reads.conversation(reader, conversation, holder=None)
    desk.reads.place(reader, QUEUE, purpose=purpose_of(reader, None))
    evidence = read_evidence(desk, SqlOutcomes(engine), PERIOD)
    assert evidence.reads == (ReadCount("auditor", "audit", 1, 1, readers=1),)


def test_a_changed_ledger_is_told(engine: Engine, desk: PrivacyDesk) -> None:
    desk.ledger.append(
        at=NOW, actor="u", role="admin", action="unseal", subject="message:1", purpose="why not"
    )
    with engine.begin() as connection:
        connection.execute(update(ledger).values(actor="somebody else"))
    evidence = read_evidence(desk, SqlOutcomes(engine), PERIOD)
    assert evidence.ledger is not None
    assert (evidence.ledger.intact, evidence.ledger.broken_at) == (False, 1)


def test_a_report_written_by_a_job_verifies_and_is_listed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, _env_file=None)
    sources = replace(connect_sources(settings), product=None)
    monkeypatch.setattr(filing, "connect_sources", lambda _settings: sources)
    engine = open_database(settings)
    for number in range(40):
        log_conversation(engine, MemoryKeyRing(), Said("hello"), customer=str(number))
    for _ in range(2):
        result = filing.file_report(
            settings, kind="compliance", days=3650, report_id="job-1", watch=SilentWatch()
        )
    assert result["conversations"] == 40
    (report,) = SqlReports(engine).all()
    assert report.kind == "compliance"
    verified = verify_report(report.folder, sources.signing_key().public_key())
    assert "report.zh.html" in verified.files
    engine.dispose()


def test_the_public_key_stays_the_same(tmp_path: Path, keys: MemoryKeyRing) -> None:
    first = publish_key(tmp_path, keys).read_bytes()
    assert publish_key(tmp_path, keys).read_bytes() == first
