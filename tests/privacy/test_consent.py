from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.consent import Consent, Scope, objects, permits, standing, withdrawn
from privacy.errors import ConsentInvalid

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _consent(
    granted: bool = True, *, at: datetime = NOW, scope: Scope = Scope.IMPROVE, customer: str = "c"
) -> Consent:
    return Consent(customer, scope, granted, at, "2026-01", "zh-Hans")


def test_silence_is_no_consent() -> None:
    assert not permits([], "c", scope=Scope.IMPROVE, now=NOW)


def test_the_latest_statement_holds_in_whatever_order_they_are_stored() -> None:
    given_, gone = _consent(), _consent(False, at=NOW + HOUR)
    for history in ([given_, gone], [gone, given_]):
        assert permits(history, "c", scope=Scope.IMPROVE, now=NOW)
        assert not permits(history, "c", scope=Scope.IMPROVE, now=NOW + HOUR)


def test_consent_can_be_given_again_after_a_withdrawal() -> None:
    first = _consent()
    history = [first, withdrawn(first, at=NOW + HOUR), _consent(at=NOW + 2 * HOUR)]
    assert not permits(history, "c", scope=Scope.IMPROVE, now=NOW + HOUR)
    assert permits(history, "c", scope=Scope.IMPROVE, now=NOW + 2 * HOUR)


@given(st.permutations([True, False, True]))
def test_of_statements_at_the_same_instant_the_refusal_holds(order: list[bool]) -> None:
    history = [_consent(granted) for granted in order]
    assert not permits(history, "c", scope=Scope.IMPROVE, now=NOW)


def test_scopes_and_customers_do_not_speak_for_one_another() -> None:
    history = [_consent(scope=Scope.SERVICE), _consent(customer="other")]
    assert set(standing(history, "c", now=NOW)) == {Scope.SERVICE}
    assert not permits(history, "c", scope=Scope.IMPROVE, now=NOW)


def test_a_withdrawal_names_the_words_it_withdraws_from() -> None:
    gone = withdrawn(_consent(), at=NOW + HOUR)
    assert (gone.granted, gone.wording_version, gone.scope) == (False, "2026-01", Scope.IMPROVE)


def test_nothing_is_withdrawn_before_it_was_given() -> None:
    with pytest.raises(ConsentInvalid, match="before"):
        withdrawn(_consent(), at=NOW - HOUR)


def test_a_statement_that_proves_nothing_is_refused() -> None:
    with pytest.raises(ConsentInvalid, match="time zone"):
        _consent(at=datetime(2026, 1, 1))
    with pytest.raises(ConsentInvalid, match="wording version"):
        Consent("c", Scope.AUDIT, True, NOW, " ", "en")


hours = st.integers(0, 6)
histories = st.lists(
    st.builds(
        lambda customer, scope, granted, hour: _consent(
            granted, at=NOW + hour * HOUR, scope=scope, customer=customer
        ),
        st.sampled_from(["c", "other"]),
        st.sampled_from(Scope),
        st.booleans(),
        hours,
    ),
    max_size=8,
)
scopes = st.sampled_from(Scope)


def _holds(history: list[Consent], scope: Scope, hour: int) -> tuple[bool, bool]:
    asked = {"scope": scope, "now": NOW + hour * HOUR}
    return permits(history, "c", **asked), objects(history, "c", **asked)


@given(histories.flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))), scopes, hours)
def test_the_order_in_which_statements_are_stored_does_not_matter(
    two: tuple[list[Consent], list[Consent]], scope: Scope, hour: int
) -> None:
    assert _holds(two[0], scope, hour) == _holds(two[1], scope, hour)


@given(histories, scopes, hours)
def test_later_statements_do_not_count_yet(history: list[Consent], scope: Scope, hour: int) -> None:
    until_now = [one for one in history if one.at <= NOW + hour * HOUR]
    assert _holds(history, scope, hour) == _holds(until_now, scope, hour)


@given(histories, scopes, hours)
def test_what_others_say_and_other_scopes_do_not_count(
    history: list[Consent], scope: Scope, hour: int
) -> None:
    own = [one for one in history if one.customer == "c" and one.scope is scope]
    assert _holds(history, scope, hour) == _holds(own, scope, hour)


@given(histories, scopes, hours)
def test_a_withdrawal_stops_what_starts_at_the_same_instant(
    history: list[Consent], scope: Scope, hour: int
) -> None:
    withdrawal = _consent(False, at=NOW + hour * HOUR, scope=scope)
    assert _holds([*history, withdrawal], scope, hour) == (False, True)


@given(histories, scopes, hours)
def test_a_withdrawal_holds_until_a_consent_after_it(
    history: list[Consent], scope: Scope, hour: int
) -> None:
    at = NOW + hour * HOUR
    before = [one for one in history if one.at <= at]
    withdrawal = _consent(False, at=at, scope=scope)
    assert _holds([*before, withdrawal], scope, 99) == (False, True)
    again = _consent(at=at + HOUR, scope=scope)
    assert _holds([*before, withdrawal, again], scope, 99) == (True, False)


@given(histories, scopes, hours)
def test_whoever_permits_has_agreed_and_whoever_objects_has_refused(
    history: list[Consent], scope: Scope, hour: int
) -> None:
    permitted, objected = _holds(history, scope, hour)
    said = {
        one.granted
        for one in history
        if (one.customer, one.scope) == ("c", scope) and one.at <= NOW + hour * HOUR
    }
    assert not (permitted and objected)
    assert permitted or objected or not said
    assert not permitted or True in said
    assert not objected or False in said


@given(histories, scopes, hours)
def test_saying_it_twice_changes_nothing(history: list[Consent], scope: Scope, hour: int) -> None:
    assert _holds(history * 2, scope, hour) == _holds(history, scope, hour)
