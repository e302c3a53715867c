from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.audits.confusion import GroupCounts, count_groups, disparities, parities

ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("abc")), min_size=1)


def _group(tp: int, fp: int, tn: int, fn: int) -> GroupCounts:
    return GroupCounts("g", tp, fp, tn, fn, predicted_everywhere=tp + fp)


def test_counts_and_rates_are_what_a_pencil_says() -> None:
    labels = [True, True, False, False, True]
    said = [True, False, True, False, True]
    north, south = count_groups(labels, said, groups=["n", "n", "n", "s", "s"])
    assert (north.tp, north.fp, north.tn, north.fn) == (1, 1, 0, 1)
    rates = north.rates()
    assert rates["fnr"] == 0.5
    assert rates["fpr"] == 1.0
    assert rates["for"] == 1.0
    assert rates["ppr"] == pytest.approx(2 / 3)
    assert rates["pprev"] == pytest.approx(2 / 3)
    assert south.rates()["fdr"] == 0.0


@given(ROWS)
def test_every_row_is_counted_once(rows: list[tuple[bool, bool, str]]) -> None:
    labels, said, groups = (list(column) for column in zip(*rows, strict=True))
    counts = count_groups(labels, said, groups=groups)
    assert sum(group.size for group in counts) == len(rows)
    shares = [group.rates()["ppr"] for group in counts]
    assert not any(said) or math.isclose(sum(share or 0.0 for share in shares), 1.0)


def test_a_rate_without_rows_is_not_defined() -> None:
    rates = _group(0, 0, 3, 0).rates()
    assert rates["fnr"] is None
    assert rates["fdr"] is None
    assert rates["ppr"] is None
    assert rates["fpr"] == 0.0


def test_a_group_equals_itself_and_zero_over_zero_says_nothing() -> None:
    group = _group(2, 0, 2, 1)
    disparity = disparities(group, group)
    assert disparity["fnr"] == 1.0
    assert disparity["fpr"] is None
    assert disparities(_group(2, 1, 2, 1), group)["fpr"] == math.inf


def test_parity_includes_the_threshold_and_its_inverse() -> None:
    disparity = dict.fromkeys(("fnr", "fpr", "for", "fdr", "ppr", "pprev"), 1.25)
    assert all(parities(disparity, threshold=0.8).values())
    assert not any(parities(disparity, threshold=0.81).values())


def test_an_undefined_part_leaves_a_verdict_open_unless_another_part_fails() -> None:
    disparity = {"fnr": None, "fpr": 1.0, "for": 1.0, "fdr": 3.0, "ppr": 1.0, "pprev": None}
    verdicts = parities(disparity, threshold=0.8)
    assert verdicts["TypeI Parity"] is False
    assert verdicts["TypeII Parity"] is None
    assert verdicts["Supervised Fairness"] is False
    assert verdicts["Unsupervised Fairness"] is None
