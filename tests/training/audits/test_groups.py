"""Outcomes by what customers told about themselves, from the log to the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from chatbot.adapters.database import connect, migrate
from chatbot.adapters.store_outcomes import SqlOutcomes
from chatbot.attributes import Attribute, Label
from chatbot.conversation import Action
from chatbot.fakes import FixedClock
from chatbot.privacy_desk import PrivacyDesk
from chatbot.privacy_home import make_privacy_desk
from privacy.consent import Scope
from privacy.keyring_memory import MemoryKeyRing
from tests.training.audits.sample_audit import REGIONS as OFFER
from tests.training.audits.sample_audit import sample_audit
from tests.training.audits.simulated_log import simulate_log
from tests.training.logged_conversations import NOW, Said, agree, log_conversation
from training.audits.conclusions import conclude
from training.audits.fairness import FairnessResult, measure_fairness
from training.audits.log import Groups, read_evidence, read_records, read_told, signing_key
from training.audits.records import Period
from training.audits.report import write_report
from training.audits.sentences import say_unmet
from training.audits.wording import load_wording

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


def _told(engine: Engine, desk: PrivacyDesk) -> Groups:
    return read_told(desk, SqlOutcomes(engine), OFFER)


def _tell(engine: Engine, desk: PrivacyDesk, customer: str, value: str) -> None:
    agree(engine, customer, Scope.AUDIT)
    desk.attributes.give(customer, "region", value=value, at=NOW)


def _measured(log: list[str], engine: Engine, desk: PrivacyDesk) -> FairnessResult:
    records = list(read_records(SqlOutcomes(engine), desk.keys, PERIOD, told=_told(engine, desk)))
    assert len(records) == len(log)
    return measure_fairness(records, attributes=OFFER)


def test_only_those_whose_consent_stands_are_grouped(engine: Engine, desk: PrivacyDesk) -> None:
    _tell(engine, desk, "stands", "a")
    _tell(engine, desk, "withdrawn", "a")
    agree(engine, "withdrawn", Scope.AUDIT, granted=False, at=NOW + timedelta(seconds=1))
    agree(engine, "other scope", Scope.IMPROVE)
    desk.attributes.give("other scope", "region", value="a", at=NOW)
    assert _told(engine, desk) == {"stands": {"region": "a"}}


def test_what_the_company_no_longer_asks_for_is_not_used(engine: Engine, desk: PrivacyDesk) -> None:
    _tell(engine, desk, "a", "c")
    desk.attributes.give("a", "age_band", value="a", at=NOW)
    assert _told(engine, desk) == {}


def test_a_run_is_one_entry_of_the_ledger_however_many_were_opened(
    engine: Engine, desk: PrivacyDesk
) -> None:
    for number in range(5):
        _tell(engine, desk, f"c{number}", "a")
    _told(engine, desk)
    (entry,) = desk.ledger.entries()
    assert (entry.role, entry.purpose) == ("auditor-system", "fairness audit")
    assert "5 customers" in entry.subject
    evidence = read_evidence(desk, SqlOutcomes(engine), PERIOD)
    assert evidence.unsealings is not None
    assert [(one.role, one.opened) for one in evidence.unsealings] == [("auditor-system", 1)]


@pytest.mark.parametrize("offer", [{}, OFFER])
def test_where_nobody_may_be_asked_nothing_is_opened(
    engine: Engine, desk: PrivacyDesk, offer: dict[str, Attribute]
) -> None:
    assert read_told(desk, SqlOutcomes(engine), offer) == {}
    assert desk.ledger.entries() == []


def test_a_gap_between_groups_in_the_log_is_flagged_and_the_unknown_share_is_shown(
    engine: Engine, keys: MemoryKeyRing, desk: PrivacyDesk
) -> None:
    log = []
    for number in range(150):
        customer = f"c{number}"
        group = ("a", "b", None)[number % 3]
        unlucky = number % (10 if group == "a" else 2) == 0
        action = Action.REFUSE if unlucky else Action.ANSWER
        log += log_conversation(engine, keys, Said("hello", action), customer=customer)
        if group is not None:
            _tell(engine, desk, customer, group)
    result = _measured(log, engine, desk)
    assert [(flag.dimension, flag.outcome) for flag in result.flags] == [("region", "refused")]
    (regions,) = [report for report in result.dimensions if report.dimension == "region"]
    assert regions.unknown_share == pytest.approx(1 / 3)
    audit = replace(sample_audit(), fairness=result, attributes=OFFER)
    (sentence,) = [
        one
        for one in say_unmet(conclude(audit), load_wording("zh", attributes=OFFER))
        if "地区" in one
    ]
    assert "北方" in sentence
    assert "南方" in sentence


def test_a_small_group_is_suppressed(
    engine: Engine, keys: MemoryKeyRing, desk: PrivacyDesk
) -> None:
    log = []
    for number in range(60):
        log += log_conversation(engine, keys, Said("hello"), customer=f"c{number}")
        _tell(engine, desk, f"c{number}", "a" if number < 50 else "b")
    result = _measured(log, engine, desk)
    regions = result.dimensions[-1]
    for table in regions.tables:
        assert "b" not in [figure.group for figure in table.figures]
    assert regions.tables[0].suppressed[0].band == "10-29"


def test_a_region_handed_off_three_times_as_often_is_flagged_in_nine_of_ten_logs() -> None:
    found = 0
    for seed in range(10):
        log = simulate_log(400, seed=seed, handoff_by_region={"a": 0.1, "b": 0.45})
        flags = measure_fairness(log, attributes=["region"]).flags
        found += ("region", "handed_off") in {(flag.dimension, flag.outcome) for flag in flags}
    assert found >= 9


@pytest.mark.parametrize(
    ("language", "heading", "value"), [("en", "“Region”", "South"), ("zh", "“地区”", "南方")]
)
def test_the_report_speaks_of_attributes_in_the_company_s_words(
    tmp_path: Path, keys: MemoryKeyRing, language: str, heading: str, value: str
) -> None:
    log = simulate_log(300, seed=5, handoff_by_region={"a": 0.1, "b": 0.5})
    fairness = measure_fairness(log, attributes=OFFER)
    audit = replace(sample_audit(), fairness=fairness, attributes=OFFER)
    write_report(audit, tmp_path, key=signing_key(keys))
    page = (tmp_path / f"report.{language}.html").read_text("utf-8")
    assert heading in page
    assert value in page
    assert "{attribute}" not in page


def test_a_value_of_one_attribute_does_not_name_a_group_of_another_kind() -> None:
    offer = {"pronoun": Attribute("Pronoun", "称呼", {"he": Label("he/him", "他")})}
    wording = load_wording("en", attributes=offer)
    assert wording.group("pronoun", "he") == "he/him"
    assert wording.group("pronoun", "gone") == "gone"
    assert wording.label("groups", "he") == "he"
    assert wording.group("language", "en") == "English"
