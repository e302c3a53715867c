"""`make bench-gpu`: does FAISS find the same on a GPU as in main memory, and how much sooner?

Without a GPU it says so and ends well. Exit code 1 when the results differ.
"""

from __future__ import annotations

import argparse
import sys
import time
from statistics import median

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from knowledge_base.dense import DenseIndex
from knowledge_base.index_kind import IndexKind
from knowledge_base.placement import Placement, gpus

DIMENSION = 384
QUERIES = 200
NEAREST = 30
TIE = 1e-5
"""Two passages whose scores differ by less may change places: the sums are rounded differently."""


def _vectors(count: int, seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((count, DIMENSION), dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def _timed(index: DenseIndex, queries: NDArray[np.float32]) -> tuple[list[list[int]], float]:
    """What was found, and the median milliseconds of one query."""
    index.nearest(queries[0], NEAREST)
    found, times = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(index.nearest(query, NEAREST))
        times.append((time.perf_counter() - started) * 1000)
    return found, median(times)


def _differences(
    one: list[list[int]],
    two: list[list[int]],
    vectors: NDArray[np.float32],
    queries: NDArray[np.float32],
) -> int:
    """Places at which the two lists hold passages of scores that are no tie."""
    count = 0
    for query, left, right in zip(queries, one, two, strict=True):
        gaps = np.abs(vectors[left] @ query - vectors[right] @ query)
        count += int((gaps > TIE).sum())
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 50_000, 1_000_000])
    sizes = parser.parse_args().sizes
    console = Console()
    if gpus() == 0:
        console.print("The installed FAISS has no GPU here, so nothing was compared.")
        console.print(
            "On a machine with one: pip install 'kefu[gpu]', then make bench-gpu.", markup=False
        )
        return 0
    table = Table("vectors", "main memory, ms", "GPU, ms", "times as fast", "places that differ")
    queries, differing = _vectors(QUERIES, 2), 0
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("sizes", total=len(sizes))
        for size in sizes:
            vectors, rows = _vectors(size, 1), np.arange(size, dtype=np.int32)
            # Exact on both sides: a graph would differ by its misses, which is not the question.
            here = DenseIndex.build(vectors, rows, kind=IndexKind.FLAT)
            there = here.placed(Placement.GPU)
            found, milliseconds = _timed(here, queries)
            found_there, milliseconds_there = _timed(there, queries)
            differences = _differences(found, found_there, vectors, queries)
            differing += differences
            ratio = milliseconds / milliseconds_there
            shown = (f"{size:,}", f"{milliseconds:.2f}", f"{milliseconds_there:.2f}")
            table.add_row(*shown, f"{ratio:.1f}", str(differences))
            progress.advance(task)
    console.print(table)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
