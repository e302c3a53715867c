"""The review queue in one JSON file, for a collection that is retrained from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from knowledge_base.storage import write_atomically
from training.errors import ReviewInvalid
from training.review import MemoryReviewQueue, ReviewItem, ReviewState

Result = TypeVar("Result")


class FileReviewQueue:
    """Safe to use from several processes. Raises ReviewInvalid where the file is damaged."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, items: Iterable[ReviewItem]) -> int:
        return self._change(lambda queue: queue.add(items))

    def list(
        self, state: ReviewState | None = None, *, limit: int | None = None
    ) -> tuple[ReviewItem, ...]:
        return self._read().list(state, limit=limit)

    def decide(self, item_id: str, label: str | None, *, reviewer: str, at: datetime) -> ReviewItem:
        return self._change(lambda queue: queue.decide(item_id, label, reviewer=reviewer, at=at))

    def approved_since(self, moment: datetime | None) -> tuple[ReviewItem, ...]:
        return self._read().approved_since(moment)

    def _change(self, change: Callable[[MemoryReviewQueue], Result]) -> Result:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_name(f".{self._path.name}.lock")):
            queue = self._read()
            result = change(queue)
            rows = [asdict(item) for item in queue.list()]
            text = json.dumps(rows, ensure_ascii=False, indent=1, default=datetime.isoformat)
            write_atomically(self._path, (text + "\n").encode())
        return result

    def _read(self) -> MemoryReviewQueue:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            return MemoryReviewQueue(_item(row) for row in rows)
        except FileNotFoundError:
            return MemoryReviewQueue()
        except (ValueError, TypeError, KeyError) as error:
            reason = f"it is no review queue ({type(error).__name__})"
            raise ReviewInvalid(self._path, reason) from None


def _item(row: dict[str, Any]) -> ReviewItem:
    at = row["decided_at"]
    moment = None if at is None else datetime.fromisoformat(at)
    return ReviewItem(**row | {"decided_at": moment, "state": ReviewState(row["state"])})
