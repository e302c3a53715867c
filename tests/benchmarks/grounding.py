"""`python -m tests.benchmarks.grounding`: what the grounding check catches, and rejects wrongly.

The rules were written with the development set in view; nobody who wrote rules has seen the
held-out set before they were finished. A passage is taken apart once and then kept, so the time
of an answer is given for new passages and for known ones; the dictionaries are loaded before.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chatbot.generate import GenerationLimits
from chatbot.grounding import check_grounding
from chatbot.parsed_passage import forget_passages
from knowledge_base.passages import Passage

DATA = Path(__file__).parent.parent / "data" / "grounding"
SETS = ("development", "held_out")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Row:
    id: str
    language: str
    passages: tuple[Passage, ...]
    sentence: str
    supported: bool
    kind: str
    """Of the change, or of the paraphrase."""


@dataclass(frozen=True)
class Judged:
    row: Row
    passed: bool
    new_ms: float
    """With passages that were never seen before."""
    known_ms: float


def read_rows(name: str, language: str) -> list[Row]:
    lines = (DATA / f"{name}.{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_row(json.loads(line)) for line in lines if line.strip()]


def judge(rows: Sequence[Row]) -> list[Judged]:
    if rows:
        _passes(rows[0])  # loads the dictionaries
    return [_judged(row) for row in rows]


def caught_and_rejected(judged: Sequence[Judged]) -> tuple[float, float]:
    """Shares: of the unsupported that fail, of the supported that fail."""
    lies = [each for each in judged if not each.row.supported]
    truths = [each for each in judged if each.row.supported]
    return (
        sum(not each.passed for each in lies) / max(len(lies), 1),
        sum(not each.passed for each in truths) / max(len(truths), 1),
    )


def _row(row: dict[str, Any]) -> Row:
    passages = tuple(
        Passage(f"{row['id']}.{number}#0", f"{row['id']}.{number}", text, "", "", row["language"])
        for number, text in enumerate(row["passages"], start=1)
    )
    return Row(
        str(row["id"]), row["language"], passages, row["sentence"], row["supported"], row["kind"]
    )


def _judged(row: Row) -> Judged:
    forget_passages()
    started = time.perf_counter()
    passed = _passes(row)
    between = time.perf_counter()
    _passes(row)
    return Judged(row, passed, 1e3 * (between - started), 1e3 * (time.perf_counter() - between))


def _passes(row: Row) -> bool:
    # A sentence without a mark may lean on all of its passages.
    marks = "".join(f"[{number}]" for number in range(1, len(row.passages) + 1))
    answer = row.sentence if "[1]" in row.sentence else f"{row.sentence} {marks}"
    overlap = GenerationLimits().min_overlap
    return check_grounding(answer, row.passages, min_overlap=overlap).ok


def _kinds(judged: Sequence[Judged]) -> Iterator[tuple[bool, str, int, int]]:
    """Whether supported, the kind, how many fail, of how many."""
    for supported, kind in sorted({(each.row.supported, each.row.kind) for each in judged}):
        same = [each for each in judged if (each.row.supported, each.row.kind) == (supported, kind)]
        yield supported, kind, sum(not each.passed for each in same), len(same)


def main() -> None:
    console = Console()
    for name in SETS:
        table = Table(title=f"Grounding check, {name.replace('_', '-')} sentences")
        for column in ("language", "kind", "caught", "wrongly rejected"):
            table.add_column(column)
        for language in LANGUAGES:
            judged = judge(read_rows(name, language))
            for supported, kind, failed, number in _kinds(judged):
                shown = f"{failed}/{number}"
                table.add_row(language, kind, *(("", shown) if supported else (shown, "")))
            caught, rejected = caught_and_rejected(judged)
            table.add_row(language, "all", f"{caught:.3f}", f"{rejected:.3f}", end_section=True)
            new = statistics.quantiles([each.new_ms for each in judged], n=20)
            known = statistics.quantiles([each.known_ms for each in judged], n=20)
            console.print(
                f"{name} {language}: median {new[9]:.1f} ms (p95 {new[18]:.1f}) with new passages,"
                f" {known[9]:.1f} ms (p95 {known[18]:.1f}) with known ones"
            )
        console.print(table)


if __name__ == "__main__":
    main()
