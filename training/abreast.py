"""Independent pieces of work on two threads at once.

Products over short sentences are too small to be split by the library, which then leaves the
second core nearly idle; whole batches side by side keep both busy, with the same results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")

WIDTH = 2


@contextmanager
def threads_of_products(count: int) -> Iterator[None]:
    """So many threads for one product meanwhile."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def abreast(
    work: Callable[[Item], Result], items: Sequence[Item], *, device: torch.device
) -> list[Result]:
    """In the order of the items. The settings of a thread of torch's are `work`'s own affair."""
    width = min(WIDTH, torch.get_num_threads(), len(items))
    if width < WIDTH or device.type != "cpu":
        return [work(item) for item in items]
    with (
        threads_of_products(torch.get_num_threads() // width),
        ThreadPoolExecutor(max_workers=width) as pool,
    ):
        return list(pool.map(work, items))
