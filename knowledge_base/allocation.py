"""What a model leaves behind in memory when the next one takes its place.

The C library of Linux (glibc) keeps what is freed and fits new blocks into the holes. A model is
loaded by making and dropping copies of its weights, so each exchange of one left more holes: after
twenty, a process held half as much again. Elsewhere than on glibc nothing here does anything.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Names of mallopt(3). Once one is set, glibc no longer adapts either of them by itself.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGE = 128 << 10
"""Bytes from which a block counts as large while a model loads."""
# Tensors of a computation stay in the heap, as adapting would have it soon. But adapting would also
# keep 64 MB free at the top of each thread's heap, which nothing but a later release gives back.
_ADAPTED = {_MMAP_THRESHOLD: 32 << 20, _TRIM_THRESHOLD: 4 << 20}

_alone = threading.RLock()


@contextmanager
def blocks_apart() -> Iterator[None]:
    """Large blocks made inside go back to the system the moment that they are freed.

    For loading only: a computation would pay for a mapping with every tensor.
    """
    option = _library_function("mallopt")
    if option is None:
        yield
        return
    with _alone:
        option(_MMAP_THRESHOLD, _LARGE)
        try:
            yield
        finally:
            for name, value in _ADAPTED.items():
                option(name, value)


def give_back() -> None:
    """Drop what only refers to itself, then return to the system what is free and still kept."""
    gc.collect()
    trim()


def trim() -> None:
    """Return to the system what is free and still kept.

    Tensors of many sizes on several threads leave holes: after one training of a small encoder
    half of the resident memory was free and kept.
    """
    function = _library_function("malloc_trim")
    if function is not None:
        function(0)


def _library_function(name: str) -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    function: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return function
