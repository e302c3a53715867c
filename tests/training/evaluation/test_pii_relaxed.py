from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.entities import Span
from training.evaluation.pii import evaluate_pii
from training.evaluation.pii_relaxed import RelaxedCounts, f_score
from training.evaluation.pii_tables import say_alarms
from training.evaluation.sentences import evaluation_wording

PERSON, ADDRESS, TOWN = "PERSON", "ADDRESS", "GPE"
NEUTRAL = {ADDRESS: {TOWN, "ZIP_CODE"}}


def _counts(
    marked: list[Span], found: list[Span], types: frozenset[str] = frozenset({PERSON, ADDRESS})
) -> RelaxedCounts:
    counts = RelaxedCounts()
    counts.add(marked, found, types=types, neutral=NEUTRAL)
    return counts


def test_one_shared_character_of_the_same_type_is_enough() -> None:
    figures = _counts([Span(0, 5, PERSON)], [Span(4, 9, PERSON)]).overall()
    assert (figures["precision"], figures["recall"], figures["f2"]) == (1.0, 1.0, 1.0)


def test_spans_that_only_touch_share_nothing() -> None:
    figures = _counts([Span(0, 5, PERSON)], [Span(5, 9, PERSON)]).overall()
    assert (figures["precision"], figures["recall"], figures["f2"]) == (0.0, 0.0, 0.0)


def test_another_type_in_the_same_place_is_not_right() -> None:
    figures = _counts([Span(0, 5, PERSON)], [Span(0, 5, ADDRESS)]).per_type()
    assert figures[PERSON]["recall"] == 0.0
    assert figures[ADDRESS]["precision"] == 0.0


def test_one_finding_over_two_marks_finds_both() -> None:
    marked = [Span(0, 4, ADDRESS), Span(6, 9, ADDRESS)]
    figures = _counts(marked, [Span(0, 9, ADDRESS)]).overall()
    assert (figures["precision"], figures["recall"], figures["found"]) == (1.0, 1.0, 1)


def test_two_findings_within_one_mark_are_both_right() -> None:
    figures = _counts([Span(0, 9, ADDRESS)], [Span(0, 4, ADDRESS), Span(5, 9, ADDRESS)]).overall()
    assert (figures["precision"], figures["recall"]) == (1.0, 1.0)


def test_an_address_on_a_town_alone_counts_neither_way() -> None:
    figures = _counts([Span(0, 5, TOWN)], [Span(0, 5, ADDRESS)]).overall()
    assert (figures["found"], figures["neutral"]) == (0, 1)
    assert figures["precision"] is None


def test_an_address_that_reads_on_into_the_town_is_right() -> None:
    figures = _counts([Span(0, 9, ADDRESS), Span(11, 16, TOWN)], [Span(0, 16, ADDRESS)]).overall()
    assert (figures["found"], figures["precision"]) == (1, 1.0)


def test_an_address_on_a_town_and_a_person_is_wrong() -> None:
    figures = _counts([Span(0, 5, TOWN), Span(6, 9, PERSON)], [Span(0, 9, ADDRESS)]).overall()
    assert (figures["found"], figures["neutral"], figures["precision"]) == (1, 0, 0.0)


def test_a_person_on_a_town_is_wrong() -> None:
    assert _counts([Span(0, 5, TOWN)], [Span(0, 5, PERSON)]).overall()["precision"] == 0.0


def test_findings_of_types_that_are_not_scored_are_left_out() -> None:
    counts = _counts([], [Span(0, 5, "DATE_OF_BIRTH")])
    assert counts.overall()["found"] == 0
    assert counts.false_alarms == 0


def test_false_alarms_are_counted_in_texts_without_any_mark_only() -> None:
    counts = RelaxedCounts()
    for marked in ([], [], [Span(0, 5, TOWN)], [Span(0, 5, PERSON)]):
        counts.add(marked, [Span(7, 9, PERSON)], types={PERSON}, neutral={})
    assert (counts.negatives, counts.false_alarms) == (2, 2)
    assert counts.false_alarms_per_100() == 100.0


def test_without_negative_texts_there_is_no_rate_of_false_alarms() -> None:
    assert _counts([Span(0, 5, PERSON)], []).false_alarms_per_100() is None


def test_f2_leans_towards_recall() -> None:
    assert f_score(0.5, 1.0, beta=2) == pytest.approx(5 / 6)
    assert f_score(1.0, 0.5, beta=2) == pytest.approx(5 / 9)


def test_what_was_marked_and_never_found_is_worth_nothing() -> None:
    assert f_score(None, 0.0, beta=2) == 0.0
    assert f_score(None, None, beta=2) is None


spans = st.lists(
    st.builds(
        lambda start, length, kind: Span(start, start + length, kind),
        st.integers(0, 30),
        st.integers(1, 9),
        st.sampled_from([PERSON, ADDRESS, TOWN]),
    ),
    max_size=6,
)


@given(marked=spans, found=spans)
def test_every_finding_is_right_wrong_or_neutral(marked: list[Span], found: list[Span]) -> None:
    counts = _counts(marked, found)
    scored = [span for span in found if span.type != TOWN]
    assert counts.found.total() + counts.neutral.total() == len(scored)
    assert counts.right.total() <= counts.found.total()
    assert counts.hit.total() <= counts.gold.total()


@given(marked=spans, found=spans, more=spans)
def test_more_findings_never_lower_recall(
    marked: list[Span], found: list[Span], more: list[Span]
) -> None:
    assert _counts(marked, found).hit.total() <= _counts(marked, found + more).hit.total()


@given(marked=spans)
def test_what_finds_exactly_the_marks_is_perfect(marked: list[Span]) -> None:
    figures = _counts(marked, marked, frozenset()).overall()
    assert figures["f2"] in (1.0, None)


def test_a_file_without_rows_is_said_to_have_none() -> None:
    report = evaluate_pii([], lambda _: [])
    assert say_alarms(report, evaluation_wording("en")) == "The file has no rows."
