from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from training.audits import privacy_evidence as evidence
from training.audits.privacy_evidence import Finding, PrivacyEvidence, find_breaches, unexamined

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
REQUEST = evidence.Erasure("E-1", NOW - 20 * DAY, NOW + 10 * DAY)
RUN = evidence.RetentionRun("originals", NOW - DAY, due=5, removed=5)
SCAN = evidence.CanaryScan(NOW, 40, ("tables", "logs"), found=0)


def _rules(**parts: object) -> list[str]:
    found = find_breaches(replace(PrivacyEvidence(), **parts), now=NOW)  # type: ignore[arg-type]
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("completed", "deadline", "state"),
    [
        (NOW - DAY, NOW, "kept"),
        (NOW, NOW - DAY, "missed"),
        (None, NOW, "open"),
        (None, NOW - DAY, "overdue"),
    ],
)
def test_an_erasure_is_judged_by_its_deadline(
    completed: datetime | None, deadline: datetime, state: str
) -> None:
    assert replace(REQUEST, completed_at=completed, deadline=deadline).state(NOW) == state


def test_late_and_overdue_erasures_are_counted_apart() -> None:
    late = replace(REQUEST, completed_at=NOW, deadline=NOW - DAY)
    overdue = replace(REQUEST, deadline=NOW - DAY)
    found = find_breaches(PrivacyEvidence(erasures=(REQUEST, late, overdue, overdue)), now=NOW)
    assert found == (Finding("erasure_missed", "", 1), Finding("erasure_overdue", "", 2))


def test_opening_originals_needs_a_purpose() -> None:
    counts = (evidence.UnsealCount("agent", "asked", 3), evidence.UnsealCount("admin", " ", 2))
    found = find_breaches(PrivacyEvidence(unsealings=counts), now=NOW)
    assert found == (Finding("unsealed_without_purpose", "admin", 2),)


def test_a_broken_ledger_is_told_with_its_place() -> None:
    ledger = evidence.LedgerCheck(entries=9, intact=False, broken_at=4)
    assert find_breaches(PrivacyEvidence(ledger=ledger), now=NOW) == (
        Finding("ledger_broken", "4"),
    )


def test_a_key_older_than_the_limit_is_named() -> None:
    keys = tuple(evidence.MasterKey(f"k{d}", NOW - d * DAY, 1) for d in (364, 366))
    assert find_breaches(PrivacyEvidence(keys=keys), now=NOW) == (Finding("key_old", "k366", 366),)


@pytest.mark.parametrize(
    ("runs", "rules"),
    [
        ((), ["retention_never_ran"]),
        ((RUN,), []),
        ((replace(RUN, ran_at=NOW - 3 * DAY),), ["retention_late"]),
        ((replace(RUN, removed=3),), ["retention_incomplete"]),
        ((replace(RUN, error="OSError", removed=0),), ["retention_failed"]),
        ((replace(RUN, ran_at=NOW - 2 * DAY, error="OSError"), RUN), []),
    ],
)
def test_the_latest_retention_run_of_a_rule_counts(
    runs: tuple[evidence.RetentionRun, ...], rules: list[str]
) -> None:
    assert _rules(retention=runs) == rules


def test_a_canary_in_the_open_is_a_breach_and_a_search_for_nothing_is_no_proof() -> None:
    assert _rules(canaries=SCAN) == []
    assert _rules(canaries=replace(SCAN, found=2, found_in=("logs",))) == ["canaries_found"]
    assert _rules(canaries=replace(SCAN, planted=0)) == ["canaries_none_planted"]


def test_what_nobody_looked_at_is_told_apart_from_what_did_not_happen() -> None:
    assert "erasures" in unexamined(PrivacyEvidence())
    assert "erasures" not in unexamined(PrivacyEvidence(erasures=()))
