"""Each measurement runs in a fresh process: here other tests have left holes of their own."""

from __future__ import annotations

import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext, suppress
from multiprocessing import get_context

import pytest

from knowledge_base.allocation import blocks_apart, give_back
from tests.resident import resident_bytes

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")

BLOCKS, SIZE = 200, 300_000
HELD = BLOCKS * SIZE


def kept_of_every_second(apart: bool) -> float:
    """Share of the bytes freed that the process still holds, when each hole has neighbours.

    A load that failed came before.
    """
    with suppress(KeyError), blocks_apart():
        raise KeyError
    before = resident_bytes()
    with blocks_apart() if apart else nullcontext():
        blocks = [bytearray(SIZE) for _ in range(BLOCKS)]
    full = resident_bytes()
    assert full - before > 0.9 * HELD
    del blocks[::2]
    return 1 - (full - resident_bytes()) / (HELD / 2)


def kept_after_giving_back() -> tuple[float, float]:
    """The same, of small blocks, before and after they are given back."""
    blocks = [bytearray(SIZE // 3) for _ in range(3 * BLOCKS)]
    full = resident_bytes()
    del blocks[:-1]
    freed = resident_bytes()
    give_back()
    return 1 - (full - freed) / HELD, 1 - (full - resident_bytes()) / HELD


def _apart(work: Callable[..., object], *arguments: object) -> object:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def test_a_large_block_made_while_a_model_loads_goes_back_when_it_is_freed() -> None:
    assert _apart(kept_of_every_second, True) < 0.1


def test_after_a_load_even_a_failed_one_large_blocks_stay_in_the_heap() -> None:
    assert _apart(kept_of_every_second, False) > 0.9


def test_what_is_freed_and_kept_can_be_given_back() -> None:
    freed, given = _apart(kept_after_giving_back)  # type: ignore[misc]
    assert given < 0.1 < 0.5 < freed
