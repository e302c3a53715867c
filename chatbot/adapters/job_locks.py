"""Who works on a job: a lock file that the kernel frees when its process dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout


class FileJobLocks:
    """Every process that runs jobs of one installation uses the same folder.

    Weakness: a network file system without working locks would let two workers do one job.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def __call__(self, job_id: str) -> Iterator[bool]:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{sha256(job_id.encode()).hexdigest()[:32]}.lock"
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            # Whoever waits for the unlinked file finds the job over.
            path.unlink(missing_ok=True)
            lock.release()
