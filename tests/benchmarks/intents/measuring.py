"""One run: `kefu train intent`, then `kefu evaluate intent`, as their users start them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.adapters.intent_directory import read_directory
from tests.benchmarks.intents.plan import Dataset
from tests.benchmarks.intents.preparation import Prepared
from tests.benchmarks.intents.results import Run, recipe_sha256

KEFU = Path(sys.executable).with_name("kefu")


class CommandFailed(Exception):
    """The command said why on stderr."""


@dataclass(frozen=True)
class Cost:
    seconds: float
    peak_bytes: int


def measure(
    dataset: Dataset, prepared: Prepared, seed: int, *, recipe: Path | None, model: Path
) -> Run:
    """Raises CommandFailed."""
    # What is left of an interrupted training would make this one look short.
    chosen: list[object] = ["--data", prepared.train, "--out", model, "--seed", seed, "--restart"]
    chosen += ["--base", dataset.base]
    if prepared.validation is not None:
        chosen += ["--validation", prepared.validation]
    if recipe is not None:
        chosen += ["--recipe", recipe]
    cost = run_command(KEFU, "train", "intent", *chosen)
    return Run(
        data=dataset.name,
        seed=seed,
        recipe=None if recipe is None else recipe.name,
        recipe_sha256=recipe_sha256(recipe),
        version=read_directory(model).version,
        train_seconds=cost.seconds,
        peak_bytes=cost.peak_bytes,
        reports={name: _evaluate(model, data) for name, data in prepared.tests.items()},
    )


def run_command(*words: object) -> Cost:
    """Raises CommandFailed. The memory is that of the largest process, not of all together."""
    started = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words])
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise CommandFailed(f"{' '.join(map(str, words))} ended with {process.returncode}")
    return Cost(seconds, usage.ru_maxrss * 1024)


def _evaluate(model: Path, data: Path) -> dict[str, float | None]:
    report = model.with_name(f"{model.name}-{data.stem}.report.json")
    run_command(KEFU, "evaluate", "intent", "--model", model, "--data", data, "--report", report)
    return flat(json.loads(report.read_text("utf-8")))


def flat(report: Mapping[str, Any]) -> dict[str, float | None]:
    """The figures of the whole; tables of intents, languages and bins are left out."""
    return {
        name: value
        for name, value in report.items()
        if value is None or isinstance(value, int | float)
    }
