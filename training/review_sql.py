"""The review queue that console, worker and command line share: rows of the product's database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from chatbot.adapters.store_lessons import SqlLessons
from chatbot.clock import SystemClock
from chatbot.labelling import LabelTask
from chatbot.ports import Clock
from training.errors import ReviewItemUnknown
from training.review import ReviewItem, ReviewState

_INSTANT = timedelta(microseconds=1)


class SqlReviewQueue:
    """A sentence of a customer keeps the link to who said it; one that was brought has none."""

    def __init__(
        self, open_lessons: Callable[[], SqlLessons], collection: str, *, clock: Clock | None = None
    ) -> None:
        self._open = open_lessons
        self._opened: SqlLessons | None = None
        self._collection = collection
        self._clock = clock or SystemClock()

    def add(self, items: Iterable[ReviewItem]) -> int:
        now = self._clock.now()
        # The order of the rows is that of their moments.
        return self._lessons.add(
            self._task(item, now + number * _INSTANT) for number, item in enumerate(items)
        )

    def list(
        self, state: ReviewState | None = None, *, limit: int | None = None
    ) -> tuple[ReviewItem, ...]:
        wanted = None if state is None else state.value
        return tuple(map(_item, self._lessons.all(self._collection, state=wanted, limit=limit)))

    def decide(self, item_id: str, label: str | None, *, reviewer: str, at: datetime) -> ReviewItem:
        task = self._lessons.labels.decide(item_id, label, reviewer=reviewer, at=at)
        if task is None:
            raise ReviewItemUnknown(item_id)
        return _item(task)

    def approved_since(self, moment: datetime | None) -> tuple[ReviewItem, ...]:
        return tuple(map(_item, self._lessons.approved(self._collection, since=moment)))

    @property
    def _lessons(self) -> SqlLessons:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _task(self, item: ReviewItem, created_at: datetime) -> LabelTask:
        return LabelTask(
            **vars(item)
            | {
                "state": item.state.value,
                "collection": self._collection,
                "created_at": created_at,
            }
        )


def _item(task: LabelTask) -> ReviewItem:
    return ReviewItem(
        id=task.id,
        text=task.text,
        language=task.language,
        reason=task.reason,
        suggested=task.suggested,
        label=task.label,
        reviewer=task.reviewer,
        decided_at=task.decided_at,
        state=ReviewState(task.state),
    )
