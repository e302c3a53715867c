"""One training of a retriever at a time: two would write into one draft."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from training.errors import RetrieverBusy

LOCK = ".training.lock"


@contextmanager
def only_training(home: Path) -> Iterator[None]:
    """Across processes; the lock of a killed one is free. Raises RetrieverBusy."""
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RetrieverBusy from None
    try:
        yield
    finally:
        lock.release()
