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


moments = st.integers(0, 3000 * 24).map(lambda hours: NOW - timedelta(hours=hours))
records = st.lists(
    st.builds(Record, st.uuids().map(str), st.sampled_from(Category), moments, st.booleans()),
    max_size=12,
)
rules_of_some_company = st.tuples(*[st.integers(1, 1500)] * 4).map(
    lambda days: RetentionRules(min(days[:2]), max(days[:2]), days[2], days[3])
)


@given(records, rules_of_some_company)
def test_nothing_held_is_ever_due(kept: list[Record], rules: RetentionRules) -> None:
    assert not [record for record in due(kept, rules, now=NOW) if record.held]


@given(records, rules_of_some_company)
def test_what_is_due_is_neither_early_nor_late(kept: list[Record], rules: RetentionRules) -> None:
    gone = set(due(kept, rules, now=NOW))
    for record in kept:
        full = record.created_at + timedelta(days=rules.days(record.category)) <= NOW
        assert (record in gone) is (full and not record.held)


@given(records, rules_of_some_company)
def test_purging_twice_is_purging_once(kept: list[Record], rules: RetentionRules) -> None:
    gone = list(due(kept, rules, now=NOW))
    left = [record for record in kept if record not in gone]
    assert list(due(left, rules, now=NOW)) == []


@given(records, rules_of_some_company, st.integers(0, 2000))
def test_what_is_due_stays_due(kept: list[Record], rules: RetentionRules, days: int) -> None:
    later = NOW + timedelta(days=days)
    assert set(due(kept, rules, now=NOW)) <= set(due(kept, rules, now=later))


@given(records.flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))))
def test_what_is_due_does_not_depend_on_its_neighbours(
    two: tuple[list[Record], list[Record]],
) -> None:
    assert set(due(two[0], RULES, now=NOW)) == set(due(two[1], RULES, now=NOW))
    alone = [record for record in two[0] if list(due([record], RULES, now=NOW))]
    assert list(due(two[0], RULES, now=NOW)) == alone


@given(moments, rules_of_some_company)
def test_an_original_never_outlives_its_masked_text(at: datetime, rules: RetentionRules) -> None:
    original, masked = (Record(one, one, at) for one in (Category.ORIGINAL, Category.REDACTED))
    gone = list(due([original, masked], rules, now=NOW))
    assert masked not in gone or original in gone


@given(rules_of_some_company, rules_of_some_company)
def test_shorter_periods_never_keep_longer(one: RetentionRules, two: RetentionRules) -> None:
    for category in Category:
        shorter = one.days(category) <= two.days(category)
        assert (one.cutoff(category, now=NOW) >= two.cutoff(category, now=NOW)) is shorter


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))
def test_the_deadline_falls_into_the_next_month_at_the_same_time(asked: datetime) -> None:
    deadline = erasure_deadline(asked)
    assert (deadline.year * 12 + deadline.month) - (asked.year * 12 + asked.month) == 1
    assert deadline.time() == asked.time()
    assert deadline.day <= asked.day
