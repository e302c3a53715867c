from __future__ import annotations

from dataclasses import replace

import pytest

from tests.training.audits.simulated_log import simulate_log
from training.audits.metrics import Limits, Table, count_band, measure
from training.audits.outcomes import OUTCOMES, dimensions_with
from training.audits.records import ConversationRecord

LOG = simulate_log(200, seed=3)


def _log(**counts: tuple[int, int]) -> list[ConversationRecord]:
    """channel = (handed off, conversations), each of another customer."""
    return [
        replace(LOG[0], id=f"{name}{i}", customer=f"{name}{i}", channel=name, handed_off=i < hits)
        for name, (hits, n) in counts.items()
        for i in range(n)
    ]


def _table(records: list[ConversationRecord], outcome: str = "handed_off") -> Table:
    channels = measure(records, limits=Limits())[1]
    assert channels.dimension == "channel"
    return next(table for table in channels.tables if table.outcome == outcome)


def test_shares_ratios_and_parity_are_what_a_pencil_says() -> None:
    table = _table(_log(web=(10, 100), app=(20, 50)))
    shares = {figure.group: (figure.n, figure.value) for figure in table.figures}
    assert shares == {"app": (50, 0.4), "web": (100, 0.1)}
    impact = {figure.group: figure.impact_ratio for figure in table.figures}
    assert impact == {"app": pytest.approx(0.6 / 0.9), "web": 1.0}
    assert table.overall == pytest.approx(30 / 150)
    assert table.difference == pytest.approx(0.3)
    assert table.ratio == pytest.approx(0.25)


def test_a_small_group_is_named_with_its_band_and_counts_nowhere() -> None:
    table = _table(_log(web=(10, 100), app=(20, 29), kiosk=(0, 4)))
    assert [figure.group for figure in table.figures] == ["web"]
    assert [(one.group, one.band) for one in table.suppressed] == [
        ("app", "10-29"),
        ("kiosk", "1-9"),
    ]
    assert table.overall == pytest.approx(0.1)


def test_many_conversations_of_few_customers_are_suppressed() -> None:
    busy = [replace(record, customer="one") for record in _log(app=(20, 60))]
    table = _table(_log(web=(10, 100)) + busy)
    assert [(one.group, one.band) for one in table.suppressed] == [("app", "30+")]


def test_the_share_of_unknown_groups_is_told() -> None:
    unknown = [replace(record, channel=None) for record in _log(web=(1, 25))]
    channels = measure(_log(app=(5, 75)) + unknown, limits=Limits())[1]
    assert channels.unknown_share == pytest.approx(0.25)


def test_a_group_with_too_few_answers_is_suppressed_for_that_outcome_alone() -> None:
    rated = [replace(record, helpful=True) for record in _log(app=(1, 20))]
    records = [replace(record, helpful=None) for record in _log(app=(1, 80))] + rated
    assert _table(records, "helpful").suppressed[0].band == "10-29"
    assert not _table(records, "refused").suppressed


def test_times_are_medians_without_an_impact_ratio() -> None:
    table = _table(LOG, "first_latency_ms")
    assert all(figure.impact_ratio is None for figure in table.figures)
    assert all(f.interval.low <= f.value <= f.interval.high for f in table.figures)


def test_every_dimension_has_every_outcome_even_for_an_empty_log() -> None:
    reports = measure([], limits=Limits(), dimensions=dimensions_with(["age_band"]))
    assert [report.dimension for report in reports] == ["language", "channel", "age_band"]
    for report in reports:
        assert [table.outcome for table in report.tables] == [one.name for one in OUTCOMES]
        assert report.unknown_share is None


@pytest.mark.parametrize(
    ("n", "smallest", "band"),
    [(1, 30, "1-9"), (9, 30, "1-9"), (10, 30, "10-29"), (30, 30, "30+"), (3, 5, "1-4")],
)
def test_bands_never_tell_the_exact_count(n: int, smallest: int, band: str) -> None:
    assert count_band(n, smallest) == band
