"""Several recipes on the same folds, with all of the rows and with a part of them.

Each cell is one training: a recipe, a share of the rows, a fold that it is measured on. What a
cell found is written at once, and never done twice for the same rows, recipe and seed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.ports import IntentModel
from knowledge_base.storage import write_atomically
from training.base_weights import AUTO, choose_base
from training.corpus import Corpus, Utterance, check_trainable, read_corpus
from training.cycle_rows import write_rows
from training.errors import ComparisonInvalid, CorpusInvalid
from training.evaluation.intent import report, understand_all
from training.intent import TrainingOrder, train_intent
from training.progress import SilentWatch, Watch
from training.recipe import read_recipes
from training.splits import folds, split

CELLS, WORK = "cells", "work"
FEWEST_FOLDS = 2

Rows = Sequence[Utterance]


@dataclass(frozen=True)
class ComparisonOrder:
    data: Path
    recipes: tuple[Path, ...]
    out: Path
    fractions: tuple[float, ...] = (0.25, 0.5, 1.0)
    folds: int = 3
    base: str = AUTO
    epochs: int | None = None
    seed: int = 1


@dataclass(frozen=True)
class CellResult:
    recipe: str
    fraction: float
    fold: int
    rows: int
    """Trained on, those held out for calibration included."""
    seconds: float
    figures: dict[str, Any]
    right: list[bool]
    """For each row of the fold, in the order of the data."""


@dataclass(frozen=True)
class Cells:
    results: tuple[CellResult, ...]
    reused: int
    """Cells that an earlier start had finished."""


@dataclass(frozen=True)
class _Cell:
    recipe: str
    path: Path
    fraction: float
    fold: int
    key: str
    """Changes with whatever the result depends on."""

    @property
    def name(self) -> str:
        return f"{self.key}-{self.fraction:g}-{self.fold}"


def run_comparison(
    order: ComparisonOrder, *, models_home: Path, watch: Watch | None = None
) -> Cells:
    """Raises ComparisonInvalid, and what `train_intent` raises."""
    heard = watch or SilentWatch()
    _check(order)
    corpus = read_corpus(order.data).without_repeats()
    check_trainable(corpus)
    parts = folds(corpus.utterances, order.folds, seed=order.seed)
    _check_smallest(order, corpus, parts)
    bench = _Bench(order, choose_base(order.base, corpus), models_home, heard)
    cells = list(_cells(order, corpus, bench.base))
    (order.out / CELLS).mkdir(parents=True, exist_ok=True)
    heard.stage("Comparing", len(cells))
    results, reused = [], 0
    for cell in cells:
        result = _read(order.out, cell)
        reused += result is not None
        if result is None:
            training = _without(parts, cell.fold, cell.fraction, seed=order.seed)
            result = bench.run(cell, training, parts[cell.fold])
            _write(order.out, cell, result)
        results.append(result)
        heard.advance()
    shutil.rmtree(order.out / WORK, ignore_errors=True)
    return Cells(tuple(results), reused)


def names_of(recipes: Sequence[Path]) -> list[str]:
    """File names without ending; whole paths where two files have the same."""
    stems = [path.stem for path in recipes]
    return [
        path.stem if stems.count(path.stem) == 1 else path.with_suffix("").as_posix()
        for path in recipes
    ]


def part_of(rows: Rows, fraction: float, *, seed: int) -> list[Utterance]:
    """A share of every intent's rows, and one row of each at least. A smaller share is a part of
    a larger one, but for those single rows."""
    chosen = split(rows, (fraction, 1.0 - fraction), seed=seed)[0] if fraction < 1.0 else rows
    kept = {id(row) for row in chosen}
    known = {row.intent for row in chosen}
    for row in rows:
        if row.intent not in known:
            known.add(row.intent)
            kept.add(id(row))
    return [row for row in rows if id(row) in kept]


def _check(order: ComparisonOrder) -> None:
    if not order.recipes:
        raise ComparisonInvalid("no recipe was named")
    if len(set(order.recipes)) < len(order.recipes):
        raise ComparisonInvalid("a recipe was named twice")
    if order.folds < FEWEST_FOLDS:
        raise ComparisonInvalid(f"{order.folds} folds; {FEWEST_FOLDS} are the fewest")
    for fraction in order.fractions:
        if not 0 < fraction <= 1:
            raise ComparisonInvalid(f"the fraction {fraction:g} is not above 0 and at most 1")
    if not order.fractions or len(set(order.fractions)) < len(order.fractions):
        raise ComparisonInvalid("the fractions must be named, and each once")
    for path in order.recipes:
        read_recipes(path)


def _check_smallest(order: ComparisonOrder, corpus: Corpus, parts: Sequence[Rows]) -> None:
    """Before hours of work, and in the words of the data that the user named."""
    for fraction in sorted(order.fractions):
        for fold in range(order.folds):
            rows = _without(parts, fold, fraction, seed=order.seed)
            try:
                check_trainable(replace(corpus, utterances=tuple(rows)))
            except CorpusInvalid as fault:
                raise ComparisonInvalid(
                    f"with {order.folds} folds a share of {fraction:g} of {order.data} "
                    f"is too little ({fault.reason})"
                ) from None


def _cells(order: ComparisonOrder, corpus: Corpus, base: str) -> Iterator[_Cell]:
    for name, path in zip(names_of(order.recipes), order.recipes, strict=True):
        settings = (corpus.sha256, base, order.epochs, order.seed, order.folds)
        content = hashlib.sha256(path.read_bytes() + repr(settings).encode()).hexdigest()[:16]
        for fraction in sorted(order.fractions):
            for fold in range(order.folds):
                yield _Cell(name, path, fraction, fold, content)


def _without(parts: Sequence[Rows], fold: int, fraction: float, *, seed: int) -> list[Utterance]:
    others = [row for place, part in enumerate(parts) if place != fold for row in part]
    return part_of(others, fraction, seed=seed)


@dataclass(frozen=True)
class _Bench:
    order: ComparisonOrder
    base: str
    models_home: Path
    watch: Watch

    def run(self, cell: _Cell, training: Rows, test: Rows) -> CellResult:
        # A folder a cell: what an interrupted training left behind belongs to this cell alone.
        work = self.order.out / WORK / cell.name
        work.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        model = self._train(cell, training, work)
        seconds = time.monotonic() - start
        results = understand_all(model, test)
        shutil.rmtree(work)
        return CellResult(
            recipe=cell.recipe,
            fraction=cell.fraction,
            fold=cell.fold,
            rows=len(training),
            seconds=round(seconds, 3),
            figures={name: value for name, value in report(test, results).items() if _flat(value)},
            right=[row.intent == result.intent for row, result in zip(test, results, strict=True)],
        )

    def _train(self, cell: _Cell, rows: Rows, work: Path) -> IntentModel:
        data, model = work / "train.csv", work / "model"
        write_rows(data, rows)
        order = TrainingOrder(
            data=data,
            out=model,
            base=self.base,
            epochs=self.order.epochs,
            seed=self.order.seed,
            recipe=cell.path,
        )
        name = f"{cell.recipe} {cell.fraction:g} #{cell.fold + 1}"
        train_intent(order, models_home=self.models_home, watch=_Within(self.watch, name))
        return TorchIntentModel(model)


def _flat(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _read(out: Path, cell: _Cell) -> CellResult | None:
    """None for a cell that is to be run, also where its file is broken."""
    try:
        found = json.loads((out / CELLS / f"{cell.name}.json").read_text("utf-8"))
        return CellResult(**{**found, "recipe": cell.recipe})
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write(out: Path, cell: _Cell, result: CellResult) -> None:
    text = json.dumps(asdict(result), ensure_ascii=False)
    write_atomically(out / CELLS / f"{cell.name}.json", f"{text}\n".encode())


class _Within:
    """A training inside the comparison: its steps show as a note on the comparison's bar."""

    def __init__(self, watch: Watch, name: str) -> None:
        self._watch, self._name = watch, name
        self._stage, self._total, self._done = "", 0, 0

    def stage(self, name: str, total: int) -> None:
        self._stage, self._total, self._done = name, total, 0
        self.advance(0)

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self._done += steps
        where = f"{self._name}: {self._stage} {self._done}/{self._total}"
        self._watch.advance(0, note=where)
