"""`make bench-gpu`: does FAISS find the same on a GPU as in main memory, and how much sooner?

Every way of `knowledge_base.gpu` that this machine has, against comparing all vectors in main
memory: exact and sharded must find the same, cells and CAGRA nearly. The figures go to a JSON
file; exit code 1 when one is out of its bounds. Without a GPU it says so and ends well; `--cpu`
then runs the same steps on stand-ins, whose times say nothing of a GPU.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypedDict

import faiss
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from knowledge_base.cells import CellIndex
from knowledge_base.gpu import NEAR, Cards, FaissCards, GpuSearcher, Searcher, Way, gpus, has_cagra
from tests.benchmarks.scale_data import Knowledge
from tests.knowledge_base.gpu_stand_in import StandInCards

SIZES = [1_000, 50_000, 1_000_000]
QUERIES = 1_000
TIMED = 200
"""Queries that are asked one by one."""
NEAREST = 10
LEAST_RECALL = 0.98
TIE = 1e-4
"""Cosines that differ by less may change places: cards add in another order."""
MAIN_MEMORY = "main memory"
_AWAY = 0.025
"""Of a query from a vector in each of 384 dimensions: together half of a vector's length."""

Matrix = NDArray[np.float32]


class Row(TypedDict):
    vectors: int
    dimension: int
    way: str
    placing_seconds: float
    p50_ms: float
    """Of one query alone."""
    queries_a_second: float
    """Of all queries at once."""
    recall_at_10: float
    differing: int
    """Places of all first ten that hold a vector of another cosine than in main memory."""
    largest_gap: float
    """Between the cosine that a way tells and that of the vectors."""


class Skipped(TypedDict):
    vectors: int
    way: str
    why: str


def measured(
    way: str, searcher: Searcher, vectors: Matrix, queries: Matrix, right: NDArray[np.int64]
) -> Row:
    """`right` is `(queries, NEAREST)`."""
    searcher.search(queries[:1], NEAREST)
    times = []
    for query in queries[:TIMED]:
        started = time.perf_counter()
        searcher.search(query[None], NEAREST)
        times.append((time.perf_counter() - started) * 1000)
    started = time.perf_counter()
    scores, numbers = searcher.search(queries, NEAREST)
    seconds = time.perf_counter() - started
    # What was not found counts as a cosine that no vector has.
    own = np.where(numbers >= 0, _cosines(vectors, queries, numbers), -2)
    shared = [len(set(a) & set(b)) for a, b in zip(numbers.tolist(), right.tolist(), strict=True)]
    return Row(
        vectors=len(vectors),
        dimension=vectors.shape[1],
        way=way,
        placing_seconds=0.0,
        p50_ms=median(times),
        queries_a_second=len(queries) / seconds,
        recall_at_10=sum(shared) / right.size,
        differing=int((np.abs(own - _cosines(vectors, queries, right)) > TIE).sum()),
        largest_gap=float(np.abs(np.where(numbers >= 0, scores, -2) - own).max()),
    )


def compared(
    size: int, ways: Sequence[Way], cards: Callable[[], Cards], done: Callable[[], None]
) -> tuple[list[Row], list[Skipped]]:
    vectors = np.concatenate(list(Knowledge(size).vectors()))
    queries = _queries(vectors)
    cells = CellIndex.build(vectors)
    flat = cells.flat()
    _, right = flat.search(queries, NEAREST)
    rows = [measured(MAIN_MEMORY, flat, vectors, queries, right)]
    skipped = []
    for way in ways:
        started = time.perf_counter()
        try:
            searcher = GpuSearcher(way, cells, flat=lambda: flat, cells=cells.cells, cards=cards())
        except RuntimeError as error:
            why = str(error).strip().splitlines()[-1]
            skipped.append(Skipped(vectors=size, way=way, why=why))
        else:
            placing = time.perf_counter() - started
            row = measured(way, searcher, vectors, queries, right)
            rows.append({**row, "placing_seconds": placing})
        done()
    return rows, skipped


def missed(rows: Sequence[Row]) -> list[str]:
    """A sentence for each figure out of its bounds."""
    found = []
    for row in rows:
        which = f"{row['way']} at {row['vectors']:,} vectors"
        if row["way"] not in NEAR and row["differing"]:
            found.append(f"{which} differs from main memory in {row['differing']} places")
        if row["recall_at_10"] < LEAST_RECALL:
            found.append(f"{which} has recall@10 {row['recall_at_10']:.4f}, not {LEAST_RECALL}")
        if row["largest_gap"] > TIE:
            found.append(f"{which} tells a cosine wrong by {row['largest_gap']:.1e}")
    if not [row for row in rows if row["way"] != MAIN_MEMORY]:
        found.append("no way could be compared")
    return found


def _queries(vectors: Matrix) -> Matrix:
    draw = np.random.default_rng(2)
    near = vectors[draw.integers(0, len(vectors), QUERIES)]
    drawn = near + _AWAY * draw.standard_normal(near.shape, dtype=np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def _cosines(vectors: Matrix, queries: Matrix, numbers: NDArray[np.int64]) -> Matrix:
    return np.asarray(np.vecdot(vectors[numbers], queries[:, None, :]), dtype=np.float32)


def _ways(stand_in: bool) -> list[Way]:
    missing = set() if stand_in else {Way.SHARDED} if gpus() < 2 else set[Way]()
    if not stand_in and not has_cagra():
        missing |= {Way.CAGRA}
    return [way for way in Way if way not in missing]


def _device(stand_in: bool) -> dict[str, Any]:
    command = shutil.which("nvidia-smi")
    names = ""
    if command is not None and not stand_in:
        query = [command, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        names = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return {
        "stand_in": stand_in,
        "cards": names.strip().splitlines(),
        "gpus": gpus(),
        "cuvs": has_cagra(),
        "faiss": faiss.__version__,
    }


def _table(rows: Sequence[Row]) -> Table:
    table = Table("vectors", "way", "placed, s", "p50, ms", "queries/s", "recall@10", "differing")
    for row in rows:
        times = (f"{row['placing_seconds']:.1f}", f"{row['p50_ms']:.2f}")
        speed = f"{row['queries_a_second']:,.0f}"
        rest = (f"{row['recall_at_10']:.4f}", str(row["differing"]))
        table.add_row(f"{row['vectors']:,}", row["way"], *times, speed, *rest)
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of vectors")
    parser.add_argument("--cpu", action="store_true", help="stand-ins instead of GPUs")
    parser.add_argument("--out", type=Path, default=Path("reports/gpu.json"))
    given = parser.parse_args(arguments)
    console = Console()
    if gpus() == 0 and not given.cpu:
        console.print("The installed FAISS has no GPU here, so nothing was compared.")
        console.print(
            "On a machine with one: pip install 'kefu[gpu]', then make bench-gpu.", markup=False
        )
        return 0
    ways, cards = _ways(given.cpu), StandInCards if given.cpu else FaissCards
    rows: list[Row] = []
    skipped: list[Skipped] = []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("ways", total=len(given.sizes) * len(ways))
        for size in given.sizes:
            here, left_out = compared(size, ways, cards, lambda: progress.advance(task))
            rows, skipped = rows + here, skipped + left_out
    misses = missed(rows)
    report = {
        "device": _device(given.cpu),
        "bounds": {"recall_at_10": LEAST_RECALL, "tie": TIE},
        "runs": rows,
        "skipped": skipped,
        "missed": misses,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(report, indent=1), "utf-8")
    console.print(_table(rows))
    for each in skipped:
        console.print(f"Left out: {each['way']} at {each['vectors']:,} vectors: {each['why']}.")
    for sentence in misses:
        console.print(f"Missed: {sentence}.")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
