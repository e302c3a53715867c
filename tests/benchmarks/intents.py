"""`make bench-intents BENCHMARKS=folder`: BANKING77, 10 examples an intent, with `kefu train`.

The folder holds `intents/banking77/{train_10shot,test}.csv`; the test file is only measured on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

KEFU = Path(sys.executable).with_name("kefu")
SEEDS = (1, 2, 3)


def measure(data: Path, folder: Path, seed: int) -> dict[str, float]:
    """Train with the shipped recipe, then evaluate; seconds are of the training command."""
    model, report = folder / f"model-{seed}", folder / f"report-{seed}.json"
    started = time.perf_counter()
    _run("train", "intent", "--data", data / "train_10shot.csv", "--out", model, "--seed", seed)
    seconds = time.perf_counter() - started
    _run("evaluate", "intent", "--model", model, "--data", data / "test.csv", "--report", report)
    figures = json.loads(report.read_text(encoding="utf-8"))
    return {**figures, "seconds": seconds}


def _run(*arguments: object) -> None:
    subprocess.run([str(KEFU), *map(str, arguments)], check=True)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: make bench-intents BENCHMARKS=path/to/benchmarks")
    data = Path(sys.argv[1]) / "intents" / "banking77"
    if not (data / "train_10shot.csv").is_file():
        sys.exit(f"{data / 'train_10shot.csv'} does not exist.")
    table = Table("seed", "accuracy", "macro-F1", "ECE", "train s", title="BANKING77, 10-shot")
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            figures = measure(data, Path(folder), seed)
            table.add_row(
                str(seed),
                f"{figures['accuracy']:.4f}",
                f"{figures['macro_f1']:.4f}",
                f"{figures['ece']:.4f}",
                f"{figures['seconds']:.0f}",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
