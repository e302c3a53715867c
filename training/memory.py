"""Memory that a training used and the next one shall not pay for."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Return what is free to the system, where the allocator keeps it (glibc).

    Tensors of many sizes on several threads leave holes: after one training of a small encoder
    half of the resident memory was free and kept.
    """
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
