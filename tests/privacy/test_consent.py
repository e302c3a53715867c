from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.consent import Consent, Scope, permits, standing, withdrawn
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
