"""`make bench-scale`: how retrieval grows with the knowledge, from a thousand passages upwards.

Every size is built in one process and searched in another, which holds nothing else. The query's
own encoding is left out: it takes the same at every size. Writes reports/scale.json and
reports/scale.png. Exit code 1 when a bound of BOUNDS is
missed on the wall clock.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from knowledge_base.calibration import Scorer
from knowledge_base.catalogue import Catalogue
from knowledge_base.dense import DenseIndex
from knowledge_base.index import MAPPED_FROM_BYTES, Index
from knowledge_base.index_kind import IndexKind
from knowledge_base.lexical import LexicalIndex
from knowledge_base.lines import Lines
from knowledge_base.passages import Document, Passage
from knowledge_base.records import dump_lines, load_passage
from knowledge_base.search import KnowledgeBase
from tests.benchmarks.scale_data import DIMENSION, Knowledge, Query

SIZES = [1_000, 10_000, 100_000, 1_000_000]
QUERIES = 500
WARM_UP = 50
NEAREST = 10
CANDIDATES = 30
STAGES = ("dense", "lexical", "whole")
BOUNDS = {"dense": 10.0, "whole": 40.0}
"""Milliseconds, of the slowest twentieth."""
LEAST_RECALL = 0.98
MOST_GROWTH = 3.0
"""Of the whole retrieval's p95, from the smallest size to the largest."""

Row = dict[str, Any]


class PreparedEmbedder:
    """Hands out the vectors that were drawn for the queries."""

    name, fingerprint, dimension = "prepared", "prepared", DIMENSION

    def __init__(self, queries: Iterable[Query]) -> None:
        self._vectors = {query.text.strip(): query.vector for query in queries}

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vectors[text] for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_queries(texts)


def build(folder: Path, count: int, kind: IndexKind | None) -> Row:
    """Writes the parts of an index; seconds that each took, and what search should find."""
    with Progress(console=Console(stderr=True)) as bars:
        task = bars.add_task(f"{count:,}: draw, index, compare", total=5)
        knowledge = Knowledge(count)
        vectors = np.concatenate(list(knowledge.vectors()))
        bars.advance(task)
        passages = list(knowledge.passages())
        (folder / "passages.jsonl").write_bytes(dump_lines(passages))
        bars.advance(task)
        started = time.perf_counter()
        dense = DenseIndex.build(vectors, np.arange(count, dtype=np.int32), kind=kind)
        dense.save(folder / "dense.faiss", folder / "rows.npy")
        dense_seconds = time.perf_counter() - started
        bars.advance(task)
        started = time.perf_counter()
        LexicalIndex.build(passages).save(folder / "lexical")
        documents = [Document(passage.document_id, "", passage.text) for passage in passages]
        (folder / "catalogue").mkdir()
        Catalogue.build(documents, passages).save(folder / "catalogue")
        lexical_seconds = time.perf_counter() - started
        bars.advance(task)
        queries = np.stack([query.vector for query in knowledge.queries(QUERIES, passages)])
        np.save(folder / "exact.npy", exact_nearest(vectors, queries))
        bars.advance(task)
    return {
        "kind": dense.kind.value,
        "dense_build_seconds": round(dense_seconds, 1),
        "lexical_build_seconds": round(lexical_seconds, 1),
    }


def exact_nearest(
    vectors: NDArray[np.float32], queries: NDArray[np.float32], *, step: int = 50_000
) -> NDArray[np.int64]:
    """`(queries, NEAREST)`, the nearest vectors of each, in no order."""
    scores = np.empty((len(queries), 0), dtype=np.float32)
    numbers = np.empty((len(queries), 0), dtype=np.int64)
    for start in range(0, len(vectors), step):
        part = queries @ vectors[start : start + step].T
        here = np.broadcast_to(np.arange(start, start + part.shape[1]), part.shape)
        scores, numbers = np.hstack([scores, part]), np.hstack([numbers, here])
        best = np.argpartition(-scores, NEAREST - 1, axis=1)[:, :NEAREST]
        scores = np.take_along_axis(scores, best, axis=1)
        numbers = np.take_along_axis(numbers, best, axis=1)
    return numbers


def measure(folder: Path, count: int) -> Row:
    started = time.perf_counter()
    index = _load(folder)
    load_seconds = time.perf_counter() - started
    queries = Knowledge(count).queries(QUERIES, index.passages)
    kb = KnowledgeBase(index, PreparedEmbedder(queries), Scorer.default())
    found = [index.dense.nearest(query.vector, NEAREST) for query in queries]
    exact = np.load(folder / "exact.npy")
    shared = [
        len(set(mine) & set(right)) for mine, right in zip(found, exact.tolist(), strict=True)
    ]
    stages: dict[str, Callable[[Query], object]] = {
        "dense": lambda query: index.dense.nearest(query.vector, CANDIDATES),
        "lexical": lambda query: _by_words(index.lexical, query.text),
        "whole": lambda query: kb.search(query.text, hints=query.hints),
    }
    timed = {stage: _timed(step, queries) for stage, step in stages.items()}
    return {
        "passages": count,
        "recall_at_10": sum(shared) / (NEAREST * len(shared)),
        "ms": timed,
        "load_seconds": round(load_seconds, 1),
        **_memory(),
        "files_megabytes": sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) >> 20,
        "load_average": os.getloadavg()[0],
    }


def _load(folder: Path) -> Index:
    """Mapped where a version of the product would be."""
    mapped = [
        (folder / name).stat().st_size >= MAPPED_FROM_BYTES
        for name in ("dense.faiss", "passages.jsonl")
    ]
    dense = DenseIndex.load(folder / "dense.faiss", folder / "rows.npy", mapped=mapped[0])
    passages: Sequence[Passage] = Lines.of(
        folder / "passages.jsonl", load_passage, mapped=mapped[1]
    )
    if not mapped[1]:
        passages = tuple(passages)
    lexical = LexicalIndex.load(folder / "lexical", mapped=mapped[1])
    tagged = Catalogue.load(folder / "catalogue").tagged
    return Index("benchmark", {}, passages, dense, lexical, tagged)


def _by_words(index: LexicalIndex, text: str) -> object:
    asked = index.ask(text)
    return index.evidence(asked, index.best(asked, CANDIDATES))


def _timed(step: Callable[[Query], object], queries: Sequence[Query]) -> dict[str, float]:
    """Milliseconds by the wall clock, and by the processor: what other work on it cannot slow."""
    for query in queries[:WARM_UP]:
        step(query)
    wall, cpu = [], []
    for query in queries:
        clock, busy = time.perf_counter(), time.process_time()
        step(query)
        wall.append((time.perf_counter() - clock) * 1000)
        cpu.append((time.process_time() - busy) * 1000)
    p50, p95 = np.percentile(wall, [50, 95]).tolist()
    return {"p50": p50, "p95": p95, "cpu_p95": float(np.percentile(cpu, 95))}


def _memory() -> Row:
    """Megabytes that the process holds: its own, and of files that the system may drop again."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Rss"))
    sizes = {name: int(value.split()[0]) >> 10 for name, value in kilobytes.items()}
    return {"own_megabytes": sizes["RssAnon"], "mapped_megabytes": sizes["RssFile"]}


def _run(count: int, kind: IndexKind | None) -> Row:
    with tempfile.TemporaryDirectory() as name:
        folder, spawn = Path(name), get_context("spawn")
        rows: list[Row] = []
        for step in ((build, folder, count, kind), (measure, folder, count)):
            with ProcessPoolExecutor(1, mp_context=spawn) as process:
                measured: Row = process.submit(*step).result()
                rows.append(measured)
    return {**rows[0], **rows[1]}


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="Retrieval by the size of the knowledge, ms (p95 of processor time behind)")
    for name in ("passages", "index", "recall@10", *(f"{stage} p50 / p95" for stage in STAGES)):
        table.add_column(name, justify="right")
    for name in ("memory + mapped, MB", "build vectors + words, s", "load, s"):
        table.add_column(name, justify="right")
    for row in rows:
        timed = [row["ms"][stage] for stage in STAGES]
        table.add_row(
            f"{row['passages']:,}",
            row["kind"],
            f"{row['recall_at_10']:.4f}",
            *(f"{ms['p50']:.2f} / {ms['p95']:.2f} ({ms['cpu_p95']:.2f})" for ms in timed),
            f"{row['own_megabytes']} + {row['mapped_megabytes']}",
            f"{row['dense_build_seconds']:.0f} + {row['lexical_build_seconds']:.0f}",
            f"{row['load_seconds']:.1f}",
        )
    return table


def _chart(rows: Sequence[Row], path: Path) -> None:
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    sizes = [row["passages"] for row in rows]
    for stage, colour in zip(STAGES, ("tab:blue", "tab:orange", "tab:green"), strict=True):
        for clock, style in (("p95", "-"), ("cpu_p95", ":")):
            label = f"{stage}, {'wall clock' if clock == 'p95' else 'processor'}"
            values = [row["ms"][stage][clock] for row in rows]
            axes.plot(sizes, values, style, marker="o", color=colour, label=label)
        if stage in BOUNDS:
            axes.axhline(BOUNDS[stage], color=colour, linestyle="--", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="p95, ms")
    axes.set_title("Retrieval by the size of the knowledge (dashed: bounds)", fontsize=10)
    axes.legend(fontsize=7, ncols=3)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=150)


def missed(rows: Sequence[Row]) -> list[str]:
    found = []
    for row in rows:
        at = f"at {row['passages']:,} passages"
        if row["recall_at_10"] < LEAST_RECALL:
            found.append(f"recall@10 {row['recall_at_10']:.4f} {at}, not {LEAST_RECALL}")
        for stage, bound in BOUNDS.items():
            if row["ms"][stage]["p95"] > bound:
                found.append(f"{stage} p95 {row['ms'][stage]['p95']:.1f} ms {at}, not {bound:.0f}")
    growth = rows[-1]["ms"]["whole"]["p95"] / rows[0]["ms"]["whole"]["p95"]
    if growth > MOST_GROWTH:
        found.append(f"p95 of the whole grows {growth:.1f}-fold, not {MOST_GROWTH:.0f}-fold")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--kind", type=IndexKind, help="flat, hnsw or ivf instead of the rule's")
    parser.add_argument("--out", type=Path, default=Path("reports/scale"))
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for count in sorted(given.sizes):
        rows.append(_run(count, given.kind))
        given.out.with_suffix(".json").write_text(json.dumps(rows, indent=1), "utf-8")
    _chart(rows, given.out.with_suffix(".png"))
    console = Console(width=None if sys.stdout.isatty() else 180)
    console.print(_table(rows))
    for sentence in (misses := missed(rows)):
        console.print(f"Missed: {sentence}.")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
