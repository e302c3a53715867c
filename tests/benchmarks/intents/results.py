"""What was measured, kept run by run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from training.recipe import SHIPPED


@dataclass(frozen=True)
class Run:
    """One training and all measurements of its model."""

    data: str
    seed: int
    recipe: str | None
    """None: the shipped one."""
    recipe_sha256: str
    version: str
    train_seconds: float
    peak_bytes: int
    """The most memory that the training command had resident."""
    reports: Mapping[str, Mapping[str, float | None]]

    @property
    def peak_gigabytes(self) -> float:
        return self.peak_bytes / 1e9

    def figure(self, name: str) -> float | None:
        """`measurement.key`, or an attribute of the run."""
        measurement, dot, key = name.partition(".")
        value = self.reports[measurement][key] if dot else getattr(self, measurement)
        return None if value is None else float(value)


def recipe_sha256(recipe: Path | None) -> str:
    return hashlib.sha256((recipe or SHIPPED).read_bytes()).hexdigest()


class Results:
    """Written after every run, so that a bench that was cut off keeps what it had."""

    def __init__(self, path: Path | None, runs: Iterable[Run] = ()) -> None:
        self._path = path
        self._runs = list(runs)

    @classmethod
    def read(cls, path: Path) -> Results:
        """Empty where there is no file yet."""
        if not path.is_file():
            return cls(path)
        return cls(path, (Run(**run) for run in json.loads(path.read_text("utf-8"))["runs"]))

    def add(self, run: Run) -> None:
        self._runs.append(run)
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_name(self._path.name + ".part")
            text = json.dumps({"runs": [asdict(one) for one in self._runs]}, indent=1)
            unfinished.write_text(text + "\n", "utf-8")
            unfinished.replace(self._path)

    def of(self, data: str, *, recipe: str) -> list[Run]:
        """By seed, the last of each; runs with another recipe than this digest do not count."""
        chosen = [run for run in self._runs if (run.data, run.recipe_sha256) == (data, recipe)]
        return sorted({run.seed: run for run in chosen}.values(), key=lambda run: run.seed)
