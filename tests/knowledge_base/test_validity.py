from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.passages import DRAFT, PUBLISHED, Document
from knowledge_base.validity import State, serving_on, state_on, turned_between

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
BOUNDS = st.none() | DAYS
STATUS = st.sampled_from([PUBLISHED, DRAFT])


def article(first: date | None, last: date | None, status: str = PUBLISHED) -> Document:
    edges = (edge.isoformat() if edge else "" for edge in (first, last))
    return Document("a", "q", "a", valid_from=next(edges), valid_until=next(edges), status=status)


def test_the_first_and_the_last_day_are_valid_and_the_days_around_are_not() -> None:
    one = article(date(2026, 2, 28), date(2026, 3, 1))
    states = [state_on(one, date(2026, 2, 27) + timedelta(days=n)) for n in range(4)]
    assert states == [State.WAITING, State.PUBLISHED, State.PUBLISHED, State.EXPIRED]


@settings(deadline=None)
@given(BOUNDS, BOUNDS, DAYS, STATUS)
def test_a_document_serves_if_published_and_no_bound_excludes_the_day(
    first: date | None, last: date | None, day: date, status: str
) -> None:
    valid = (first is None or first <= day) and (last is None or day <= last)
    one = article(first, last, status)
    assert (serving_on([one], day) == [one]) is (valid and status == PUBLISHED)


@settings(deadline=None)
@given(BOUNDS, BOUNDS, DAYS, DAYS, STATUS)
def test_time_turned_a_document_if_it_serves_on_one_of_the_days_only(
    first: date | None, last: date | None, earlier: date, later: date, status: str
) -> None:
    one = article(first, last, status)
    differs = serving_on([one], earlier) != serving_on([one], later)
    assert turned_between([one], earlier, later) is differs


@settings(deadline=None)
@given(BOUNDS, BOUNDS, DAYS)
def test_a_draft_is_a_draft_on_every_day(first: date | None, last: date | None, day: date) -> None:
    assert state_on(article(first, last, DRAFT), day) is State.DRAFT


def test_a_status_that_this_version_does_not_know_never_serves() -> None:
    assert serving_on([Document("a", "q", "a", status="embargo")], date(2026, 1, 1)) == []
