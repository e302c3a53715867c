"""`make bench-intent-speed`: the served intent model on one core and on two, tokenizer included.

The demo company's model, and those that `--model DIR` names; MiniLM models read the English
sentences only. Each measurement runs in a process of its own. `--reload N` exchanges each model N
times in one process instead and watches the memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chatbot.adapters.intent_compression import ONNX, choose_runtime
from chatbot.adapters.intent_directory import MANIFEST
from chatbot.bootstrap import load_intents
from chatbot.demo.company import COLLECTION
from chatbot.intent_home import current_intents
from chatbot.ports import IntentModel
from chatbot.settings import Settings, load_settings
from chatbot.shelf import Shelf
from tests.resident import resident_bytes

WARM_UP = 20
ONE_BY_ONE = 400
CALL = 256
"""Texts of one call in a batch, as `kefu evaluate intent` asks."""
PASSES = 5
"""Over all sentences; the middle one counts."""
ENGLISH_ONLY = {"minilm"}
MOST_MS, FEWEST_PER_SECOND, LARGEST_GROWTH = 5.0, 800, 0.05
LARGEST_MB = {"minilm": 30, "e5": 130}

Result = TypeVar("Result")


@dataclass(frozen=True)
class Subject:
    directory: Path
    base: str
    texts: tuple[str, ...]
    settings: Settings


def alone(subject: Subject) -> tuple[float, float]:
    """p50 and p95 of one sentence in milliseconds, the process pinned to one core."""
    _pin(1)
    model = load_intents(subject.directory, subject.settings)
    step = max(1, len(subject.texts) // ONE_BY_ONE)
    texts = subject.texts[::step][:ONE_BY_ONE]
    for text in texts[:WARM_UP]:
        model.understand([text])
    times = []
    for text in texts:
        started = time.perf_counter()
        model.understand([text])
        times.append((time.perf_counter() - started) * 1000)
    return median(times), quantiles(times, n=20)[-1]


def together(subject: Subject) -> float:
    """Sentences a second in calls of many, the process pinned to two cores."""
    _pin(2)
    model = load_intents(subject.directory, subject.settings)
    calls = [subject.texts[start : start + CALL] for start in range(0, len(subject.texts), CALL)]
    model.understand(calls[0])
    speeds = []
    for _ in range(PASSES):
        started = time.perf_counter()
        for texts in calls:
            model.understand(texts)
        speeds.append(len(subject.texts) / (time.perf_counter() - started))
    return median(speeds)


def reloaded(subject: Subject, times: int) -> list[int]:
    """Resident bytes with the model in use, after each exchange of it in this one process.

    As a server exchanges one: the model before serves until the next one can.
    """
    models: Shelf[IntentModel] = Shelf(
        lambda _name: str(len(sizes)),
        lambda _name, _version: load_intents(subject.directory, subject.settings),
    )
    sizes: list[int] = []
    for _ in range(times):
        models.get(subject.base).understand(subject.texts[:CALL])
        for text in subject.texts[:WARM_UP]:
            models.get(subject.base).understand([text])
        sizes.append(resident_bytes())
    return sizes


def _pin(cores: int) -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def _apart(work: Callable[..., Result], *arguments: object) -> Result:
    """In a fresh process: no library has started threads there, and all memory is the work's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _subject(directory: Path, settings: Settings) -> Subject:
    base = str(json.loads((directory / MANIFEST).read_text("utf-8"))["base"])
    with (settings.home / COLLECTION / "test.csv").open(encoding="utf-8", newline="") as stream:
        texts = tuple(
            row["text"]
            for row in csv.DictReader(stream)
            if base not in ENGLISH_ONLY or row["language"] == "en"
        )
    return Subject(directory, base, texts, settings.model_copy(update={"inference_threads": 1}))


def _speed_table(subjects: list[Subject], progress: Progress) -> Table:
    # It brings torch, which a server of 8-bit models does not load.
    from training.compress.measuring import megabytes

    table = Table(title="The served intent model on the demo company's held-out sentences")
    headings = ("model", "runtime", "sentences", f"p50 ms (≤ {MOST_MS:g})", "p95 ms")
    sizes = ("MB to serve", "MB of the directory")
    for heading in (*headings, f"sentences/s on two cores (≥ {FEWEST_PER_SECOND})", *sizes):
        table.add_column(heading)
    task = progress.add_task("models", total=2 * len(subjects))
    for subject in subjects:
        runtime = choose_runtime(subject.directory, subject.settings.encoder).runtime
        p50, p95 = _apart(alone, subject)
        progress.advance(task)
        speed = _apart(together, subject)
        progress.advance(task)
        size = megabytes(subject.directory, "int8" if runtime == ONNX else runtime)
        most = LARGEST_MB.get(subject.base)
        table.add_row(
            f"{subject.base}: {subject.directory.name}",
            *(runtime, str(len(subject.texts)), _judged(p50, p50 <= MOST_MS, 2), f"{p95:.2f}"),
            _judged(speed, speed >= FEWEST_PER_SECOND, 0),
            _judged(size, most is None or size <= most, 1) + (f" (≤ {most})" if most else ""),
            f"{_directory_megabytes(subject.directory):.1f}",
        )
    return table


def _reload_table(subjects: list[Subject], times: int, progress: Progress) -> Table:
    table = Table(title=f"Resident memory of one process that exchanges its model {times} times")
    for heading in ("model", "after the first, MB", "after the last, MB", "most, MB", "growth"):
        table.add_column(heading)
    task = progress.add_task("models", total=len(subjects))
    for subject in subjects:
        sizes = _apart(reloaded, subject, times)
        growth = max(sizes) / sizes[0] - 1
        table.add_row(
            f"{subject.base}: {subject.directory.name}",
            *(f"{size / 1e6:.0f}" for size in (sizes[0], sizes[-1], max(sizes))),
            f"{100 * growth:.1f} % {'✓' if growth <= LARGEST_GROWTH else '✗'} (≤ 5 %)",
        )
        progress.advance(task)
    return table


def _judged(value: float, good: bool, digits: int) -> str:
    return f"{value:.{digits}f} {'✓' if good else '✗'}"


def _directory_megabytes(directory: Path) -> float:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-intent-speed", description=__doc__)
    parser.add_argument("--model", type=Path, action="append", default=[], help="another model")
    parser.add_argument("--reload", type=int, metavar="N", help="watch the memory of N exchanges")
    options = parser.parse_args()
    settings = load_settings()
    demo = current_intents(settings.intents_home, COLLECTION)
    if demo is None:
        sys.exit("There is no demo company yet; run make demo first.")
    for directory in options.model:
        if not (directory / MANIFEST).is_file():
            sys.exit(f"{directory} is no intent model: it has no {MANIFEST}.")
    subjects = [_subject(directory, settings) for directory in (demo, *options.model)]
    with Progress(console=Console(stderr=True)) as progress:
        if options.reload:
            table = _reload_table(subjects, options.reload, progress)
        else:
            table = _speed_table(subjects, progress)
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
