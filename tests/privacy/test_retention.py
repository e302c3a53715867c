from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.errors import RetentionInvalid
from privacy.retention import Category, Record, RetentionRules, due, erasure_deadline

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
RULES = RetentionRules(originals_days=30, redacted_days=100, audit_days=1000)


@pytest.mark.parametrize(
    ("category", "days"),
    [(Category.ORIGINAL, 30), (Category.REDACTED, 100), (Category.AUDIT, 1000)],
)
def test_a_record_is_due_to_the_second(category: Category, days: int) -> None:
    old = Record("old", category, NOW - timedelta(days=days))
    young = Record("young", category, NOW - timedelta(days=days) + timedelta(seconds=1))
    assert list(due([old, young], RULES, now=NOW)) == [old]
    assert old.created_at == RULES.cutoff(category, now=NOW)


def test_a_legal_hold_keeps_a_record_whatever_its_age() -> None:
    held = Record("held", Category.ORIGINAL, NOW - timedelta(days=9999), held=True)
    assert list(due([held], RULES, now=NOW)) == []


def test_the_default_rules_hold_together() -> None:
    assert RetentionRules().originals_days <= RetentionRules().redacted_days


def test_rules_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(RetentionInvalid, match="outlive"):
        RetentionRules(originals_days=400, redacted_days=365)
    with pytest.raises(RetentionInvalid, match="at least one day"):
        RetentionRules(audit_days=0)


@pytest.mark.parametrize(
    ("requested", "deadline"),
    [
        ((2026, 3, 4), (2026, 4, 4)),
        ((2026, 1, 31), (2026, 2, 28)),
        ((2028, 1, 31), (2028, 2, 29)),
        ((2026, 3, 31), (2026, 4, 30)),
        ((2026, 2, 28), (2026, 3, 28)),
        ((2026, 12, 31), (2027, 1, 31)),
    ],
)
def test_an_erasure_has_one_calendar_month(
    requested: tuple[int, int, int], deadline: tuple[int, int, int]
) -> None:
    asked = datetime(*requested, 23, 30, tzinfo=UTC)
    assert erasure_deadline(asked) == datetime(*deadline, 23, 30, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))
def test_a_month_is_never_longer_than_31_days_nor_shorter_than_28(asked: datetime) -> None:
    assert timedelta(days=28) <= erasure_deadline(asked) - asked <= timedelta(days=31)
