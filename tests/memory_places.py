"""Folders in main memory for tests, apart from those of installations on this machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED = Path("/dev/shm")
IN_MEMORY = os.access(SHARED, os.W_OK)


@contextmanager
def memory_place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kefu-test-", dir=SHARED) as folder:
        yield Path(folder)
