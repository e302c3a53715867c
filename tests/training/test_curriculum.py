from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from training.corpus import Utterance
from training.curriculum import (
    BaseRows,
    Curriculum,
    LeftOut,
    assign_parts,
    fingerprint,
    plan_curriculum,
    taught_test_rows,
)
from training.review import ReviewItem, ReviewState

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def _rows(prefix: str, count: int) -> tuple[Utterance, ...]:
    return tuple(
        Utterance(f"{prefix} {intent} {n}", intent, "en")
        for intent in ("parcel", "refund")
        for n in range(count)
    )


BASE = BaseRows(_rows("train", 10), _rows("validation", 2), _rows("test", 3))


def _reviewed(label: str, count: int, language: str = "en") -> list[ReviewItem]:
    return [_item(f"{label} {language} sentence {n}", label, language) for n in range(count)]


def _item(text: str, label: str, language: str = "en") -> ReviewItem:
    return ReviewItem(text, text, language, "by_hand").decided(label, reviewer="anna", at=NOW)


def _plan(*items: ReviewItem, base: BaseRows = BASE, **parts: str) -> Curriculum:
    return plan_curriculum(base, items, parts=parts)


def test_without_reviewed_rows_the_base_rows_are_taught_as_they_are() -> None:
    plan = _plan()
    assert (plan.train, plan.validation, plan.test) == (BASE.train, BASE.validation, BASE.test)
    assert plan.reviewed == 0


def test_reviewed_rows_are_taught_and_some_are_held_out() -> None:
    plan = _plan(*_reviewed("parcel", 20))
    assert plan.reviewed == 20
    assert plan.held_out == 4
    assert len(plan.train) == len(BASE.train) + 14
    assert len(plan.validation) == len(BASE.validation) + 2
    assert len(plan.test) == len(BASE.test) + 4


def test_without_a_validation_file_its_share_is_taught() -> None:
    base = BaseRows(BASE.train, (), BASE.test)
    plan = _plan(*_reviewed("parcel", 20), base=base)
    assert plan.validation == ()
    assert len(plan.train) == len(BASE.train) + 16


def test_a_frozen_test_row_is_never_taught() -> None:
    plan = _plan(_item("TEST parcel 1!", "refund"), *_reviewed("parcel", 3))
    assert plan.left_out == {LeftOut.IN_TEST.value: 1}
    assert taught_test_rows((*plan.train, *plan.validation), plan.test) == 0


def test_personal_data_that_slipped_through_is_left_out() -> None:
    plan = _plan(_item("ring 13812345678 about my parcel", "parcel"))
    assert plan.left_out == {LeftOut.PERSONAL_DATA.value: 1}
    assert plan.reviewed == 0


def test_a_new_intent_waits_until_it_has_enough_sentences() -> None:
    assert _plan(*_reviewed("gift", 14)).left_out == {LeftOut.NEW_INTENT_TOO_SMALL.value: 14}
    plan = _plan(*_reviewed("gift", 8), *_reviewed("gift", 7, "zh"))
    assert plan.left_out == {}
    assert sum(row.intent == "gift" for row in plan.test) == 3


def test_out_of_scope_is_no_new_intent() -> None:
    assert _plan(*_reviewed("out_of_scope", 2)).left_out == {}


def test_a_reviewed_label_counts_against_the_base_rows() -> None:
    plan = _plan(_item("Train parcel 1", "refund"))
    labels = {row.intent for row in plan.train if row.key == "train parcel 1"}
    assert "parcel" not in labels


def test_of_two_labels_the_later_counts() -> None:
    items = [_item("my box", "parcel"), _item("My box!", "refund")]
    rows = [*_plan(*items).train, *_plan(*items).test]
    assert {row.intent for row in rows if row.key == "my box"} == {"refund"}


def test_rejected_and_pending_items_teach_nothing() -> None:
    pending = ReviewItem("a", "my box", "en", "by_hand")
    rejected = pending.decided(None, reviewer="anna", at=NOW)
    assert rejected.state is ReviewState.REJECTED
    assert _plan(pending, rejected).reviewed == 0


def test_the_order_of_decisions_does_not_matter() -> None:
    items = _reviewed("parcel", 9)
    assert _plan(*items) == _plan(*items[::-1])


LABELS = st.lists(st.tuples(st.integers(0, 60), st.sampled_from("ab")), max_size=60)


@settings(deadline=None)
@given(LABELS, LABELS)
def test_a_sentence_never_changes_sides(
    first: list[tuple[int, str]], more: list[tuple[int, str]]
) -> None:
    early = _sentences(first)
    parts = assign_parts(early, {})
    later = assign_parts([*early, *_sentences(more)], parts)
    assert {row.text: later[fingerprint(row)] for row in early} == {
        row.text: parts[fingerprint(row)] for row in early
    }


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_sentences_that_come_a_few_at_a_time_are_held_out_in_the_same_share(
    batches: list[int],
) -> None:
    parts: dict[str, str] = {}
    rows: list[Utterance] = []
    for size in batches:
        rows += [Utterance(f"s {len(rows) + n}", "a", "en") for n in range(size)]
        parts = assign_parts(rows, parts)
    counts = Counter(parts.values())
    assert abs(counts["held_out"] - 0.2 * len(rows)) <= 1
    assert abs(counts["train"] - 0.7 * len(rows)) <= 1


def _sentences(pairs: list[tuple[int, str]]) -> list[Utterance]:
    return list({n: Utterance(f"sentence {n}", label, "en") for n, label in pairs}.values())
