"""Every ReviewQueue keeps the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatbot.adapters.store_lessons import SqlLessons
from tests.databases import fresh_database
from training.errors import ReviewItemUnknown
from training.review import MemoryReviewQueue, ReviewItem, ReviewQueue, ReviewState
from training.review_file import FileReviewQueue
from training.review_sql import SqlReviewQueue

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ITEM = ReviewItem("t1", "where is my parcel", "en", "thumbs_down", "parcel")
OTHER = ReviewItem("t2", "发票开错了", "zh", "low_confidence", "invoice")


@pytest.fixture(params=["memory", "file", "sqlite", "postgres"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReviewQueue]:
    if request.param == "memory":
        yield MemoryReviewQueue()
        return
    if request.param == "file":
        yield FileReviewQueue(tmp_path / "new" / "review.json")
        return
    with fresh_database(request, tmp_path) as engine:
        yield SqlReviewQueue(lambda: SqlLessons(engine), "demo")


def test_an_empty_queue_is_empty(queue: ReviewQueue) -> None:
    assert queue.list() == ()
    assert queue.approved_since(None) == ()


def test_items_come_back_whole_in_the_order_they_were_added(queue: ReviewQueue) -> None:
    assert queue.add([OTHER, ITEM]) == 2
    assert queue.list() == (OTHER, ITEM)
    assert queue.list(limit=1) == (OTHER,)


def test_an_item_added_twice_keeps_its_decision(queue: ReviewQueue) -> None:
    queue.add([ITEM])
    decided = queue.decide("t1", "parcel", reviewer="anna", at=NOW)
    assert queue.add([replace(ITEM, text="other"), OTHER]) == 1
    assert queue.list() == (decided, OTHER)


def test_a_decision_says_who_when_and_what(queue: ReviewQueue) -> None:
    queue.add([ITEM, OTHER])
    decided = queue.decide("t1", "lost_parcel", reviewer="anna", at=NOW)
    assert decided == replace(
        ITEM,
        label="lost_parcel",
        reviewer="anna",
        decided_at=NOW,
        state=ReviewState.APPROVED,
    )
    assert queue.list(ReviewState.PENDING) == (OTHER,)
    assert queue.list(ReviewState.APPROVED) == (decided,)


def test_a_rejected_item_teaches_nothing(queue: ReviewQueue) -> None:
    queue.add([ITEM])
    assert queue.decide("t1", None, reviewer="anna", at=NOW).state is ReviewState.REJECTED
    assert queue.approved_since(None) == ()


def test_a_later_decision_replaces_the_earlier(queue: ReviewQueue) -> None:
    queue.add([ITEM])
    queue.decide("t1", "parcel", reviewer="anna", at=NOW)
    later = queue.decide("t1", "invoice", reviewer="ben", at=NOW + timedelta(hours=1))
    assert queue.approved_since(None) == (later,)


def test_approved_items_come_oldest_decision_first_from_a_moment_on(queue: ReviewQueue) -> None:
    queue.add([ITEM, OTHER])
    second = queue.decide("t1", "parcel", reviewer="anna", at=NOW + timedelta(hours=1))
    first = queue.decide("t2", "invoice", reviewer="anna", at=NOW)
    assert queue.approved_since(None) == (first, second)
    assert queue.approved_since(NOW) == (first, second)
    assert queue.approved_since(NOW + timedelta(seconds=1)) == (second,)


def test_an_unknown_item_is_named(queue: ReviewQueue) -> None:
    with pytest.raises(ReviewItemUnknown, match="no item t9"):
        queue.decide("t9", "parcel", reviewer="anna", at=NOW)
