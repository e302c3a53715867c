from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.training.audits.simulated_log import START, simulate_log
from training.audits.errors import RecordInvalid
from training.audits.records import Period

RECORD = simulate_log(1, seed=1)[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("turns", 0),
        ("refused", 1.5),
        ("failed", float("nan")),
        ("first_latency_ms", -1.0),
        ("started_at", datetime(2026, 1, 1)),
    ],
)
def test_a_record_that_cannot_be_is_refused_with_its_field(name: str, value: object) -> None:
    with pytest.raises(RecordInvalid, match=f"has {name} = "):
        replace(RECORD, **{name: value})


def test_a_period_holds_its_beginning_and_not_its_end() -> None:
    period = Period(START, START + timedelta(days=1))
    assert period.holds(replace(RECORD, started_at=START))
    assert not period.holds(replace(RECORD, started_at=START + timedelta(days=1)))
