from __future__ import annotations

from dataclasses import replace

import pytest

from chatbot.conversation import Language
from tests.training.audits.simulated_log import simulate_log
from training.audits.fairness import measure_fairness
from training.audits.metrics import Limits

UNFAIR = {Language.EN: 0.12, Language.ZH_HANS: 0.36}


def test_a_language_handed_off_three_times_as_often_is_flagged_in_nine_of_ten_logs() -> None:
    found = 0
    for seed in range(10):
        flags = measure_fairness(simulate_log(300, seed=seed, handoff_by_language=UNFAIR)).flags
        assert {(f.dimension, f.outcome) for f in flags} <= {("language", "handed_off")}
        assert all(flag.family_interval.excludes_zero() for flag in flags)
        assert all(abs(flag.difference) >= Limits().practical_gap for flag in flags)
        found += len(flags)
    assert found >= 9


@pytest.mark.parametrize("seed", range(20))
def test_a_fair_log_is_not_flagged(seed: int) -> None:
    result = measure_fairness(simulate_log(300, seed=seed))
    assert result.comparisons
    assert not result.flags


def test_a_sure_but_small_gap_is_no_flag() -> None:
    log = simulate_log(300, seed=1, handoff_by_language=UNFAIR)
    assert not measure_fairness(log, limits=Limits(practical_gap=0.6)).flags


def test_one_customer_who_is_often_handed_off_is_no_unfairness() -> None:
    log = simulate_log(300, seed=4, handoff=0.05)
    # A tenth of the log: as 40 customers it would be flagged.
    loud = [replace(r, handed_off=True, language=Language.EN) for r in log[:40]]
    assert measure_fairness(loud + log[40:]).flags
    one = [replace(record, customer="loud") for record in loud]
    assert not measure_fairness(one + log[40:]).flags


def test_the_same_log_gives_the_same_figures() -> None:
    log = simulate_log(120, seed=2)
    assert measure_fairness(log) == measure_fairness(log)


def test_every_comparison_says_what_it_could_have_found() -> None:
    result = measure_fairness(simulate_log(300, seed=2))
    assert all(comparison.detectable > 0 for comparison in result.comparisons)
    handoffs = [c.detectable for c in result.comparisons if c.outcome == "handed_off"]
    assert all(0.1 < gap < 0.4 for gap in handoffs)


def test_an_empty_log_compares_nothing() -> None:
    result = measure_fairness([])
    assert result.comparisons == ()
    assert result.conversations == 0
