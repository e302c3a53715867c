"""Accuracy, size and speed of one model directory on both runtimes, against the model before."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from safetensors import safe_open

from chatbot.adapters.intent_directory import (
    CALIBRATION,
    LABELS,
    MANIFEST,
    NETWORK,
    SCORER,
    TOKENIZER,
)
from chatbot.adapters.intent_lexicon import LEXICON
from chatbot.adapters.intent_onnx import GRAPH_FOLDER, OnnxIntentModel
from chatbot.adapters.intent_torch import TorchIntentModel
from chatbot.ports import IntentModel
from knowledge_base.encoder_onnx import GRAPH
from knowledge_base.encoder_onnx import MANIFEST as GRAPH_MANIFEST
from training.abreast import threads_of_products
from training.compress.agreement import Agreement, Results, Rows, measure_agreement
from training.compress.served import loss_record, understand_singly
from training.corpus import Utterance
from training.evaluation.intent import TIMED_TEXTS, understand_all
from training.progress import Watch

TORCH, INT8 = "torch", "int8"
STAGE = "Measuring"
PASSES = 3
"""Over the rows, for a directory: both runtimes in batches, and 8 bits one by one."""

_MEGABYTE = 1_000_000
_WARM_UP = 5
_TOKENIZER_POOL = "TOKENIZERS_PARALLELISM"
"""The library reads it at every call."""


@dataclass(frozen=True)
class Figures:
    method: str
    runtime: str
    version: str
    accuracy: float
    """With the out-of-scope decision."""
    in_scope_accuracy: float
    """Of the best intent, on in-scope rows."""
    loss: float
    """Of accuracy, against the model before, on torch."""
    in_scope_loss: float
    equal_decisions: float
    won: int
    """Rows that are right here alone."""
    lost: int
    """Rows that were right before alone."""
    mcnemar_p: float
    megabytes: float
    """Of what has to be loaded to serve; at 8 bits the float weights are not, but for the head."""
    megabytes_saved: float
    ms_p50: float
    """One sentence, one thread, tokenizer included."""
    speed_up: float
    """Times as fast as the model before on torch, asked in turns with it."""
    sentences_per_s: float
    """In batches, one thread, tokenizer included."""

    def entries(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Measured:
    figures: tuple[Figures, Figures]
    """On torch and at 8 bits."""
    record: dict[str, Any]
    """What the server wants to know, see `served_loss`."""


@dataclass(frozen=True)
class Reference:
    """The model as it is, on torch: all others are compared with it."""

    model: IntentModel
    results: Results
    megabytes: float


@dataclass(frozen=True)
class _Runtime:
    name: str
    model: IntentModel
    megabytes: float
    results: Results
    sentences_per_s: float


class Scales:
    """Measures directories on the same rows. The first is the one that others are compared with.

    Raises ModelDirectoryInvalid.
    """

    def __init__(self, rows: Rows, watch: Watch) -> None:
        self._rows, self._watch = rows, watch
        self._reference: Reference | None = None
        step = max(1, len(rows) // TIMED_TEXTS)
        self._timed = [row.text for row in rows[::step][:TIMED_TEXTS]]

    def measure(self, directory: Path, method: str) -> Measured:
        self._watch.stage(f"{STAGE}: {method}", PASSES * len(self._rows) + len(self._timed))
        with _one_thread():
            exact = self._run(TORCH, directory, TorchIntentModel(directory))
            rounded = self._run(INT8, directory, OnnxIntentModel(directory, threads=1))
            reference = self._reference or Reference(exact.model, exact.results, exact.megabytes)
            self._reference = reference
            times = self._take_times([reference.model, exact.model, rounded.model])
        figures = [
            _figures(
                method,
                runtime,
                (times[reference.model], times[runtime.model]),
                reference=reference,
                rows=self._rows,
            )
            for runtime in (exact, rounded)
        ]
        version, answers = exact.model.version, (exact.results, rounded.results)
        return Measured((figures[0], figures[1]), loss_record(version, self._rows, *answers))

    def _run(self, name: str, directory: Path, model: IntentModel) -> _Runtime:
        _warm_up(model, self._rows)
        start = time.perf_counter()
        results: Results = understand_all(model, self._rows, advance=self._watch.advance)
        speed = len(self._rows) / (time.perf_counter() - start)
        if name == INT8:
            results = understand_singly(model, self._rows, watch=self._watch)
        return _Runtime(name, model, megabytes(directory, name), results, speed)

    def _take_times(self, models: Sequence[IntentModel]) -> dict[IntentModel, float]:
        """Median milliseconds a model; each text goes to all of them in turn, so that a busy
        moment of the machine is a disadvantage to none."""
        times: dict[IntentModel, list[float]] = {model: [] for model in models}
        for text in self._timed:
            for model, own in times.items():
                start = time.perf_counter()
                model.understand([text])
                own.append(1000 * (time.perf_counter() - start))
            self._watch.advance()
        return {model: median(own) for model, own in times.items()}


@contextmanager
def _one_thread() -> Iterator[None]:
    """For products, and for the tokenizer, which would wake a pool of threads for one text."""
    with threads_of_products(1):
        before = os.environ.get(_TOKENIZER_POOL)
        os.environ[_TOKENIZER_POOL] = "false"
        try:
            yield
        finally:
            if before is None:
                del os.environ[_TOKENIZER_POOL]
            else:
                os.environ[_TOKENIZER_POOL] = before


def megabytes(directory: Path, runtime: str) -> float:
    """Millions of bytes that a server loads from a model directory."""
    small = [directory / name for name in (MANIFEST, LABELS, CALIBRATION, SCORER)]
    small += [path for path in [directory / LEXICON] if path.is_file()]
    if runtime == TORCH:
        paths, head = [directory / name for name in (*NETWORK, TOKENIZER)], 0
    else:
        graph = directory / GRAPH_FOLDER
        paths = [graph / name for name in (GRAPH, GRAPH_MANIFEST, NETWORK[0], TOKENIZER)]
        head = _head_bytes(directory)
    return (sum(path.stat().st_size for path in (*small, *paths)) + head) / _MEGABYTE


def _head_bytes(directory: Path) -> int:
    with safe_open(directory / NETWORK[1], framework="numpy") as tensors:
        names = [name for name in tensors.keys() if name.startswith("classifier.")]  # noqa: SIM118
        return sum(tensors.get_tensor(name).nbytes for name in names)


def _warm_up(model: IntentModel, rows: Sequence[Utterance]) -> None:
    for row in rows[:_WARM_UP]:
        model.understand([row.text])


def _figures(
    method: str, runtime: _Runtime, ms: tuple[float, float], *, reference: Reference, rows: Rows
) -> Figures:
    agreement: Agreement = measure_agreement(rows, reference.results, runtime.results)
    return Figures(
        method=method,
        runtime=runtime.name,
        version=runtime.model.version,
        accuracy=agreement.accuracies[1],
        in_scope_accuracy=agreement.best_accuracy,
        loss=agreement.loss,
        in_scope_loss=agreement.best.difference,
        equal_decisions=agreement.equal,
        won=agreement.decided.lost,
        lost=agreement.decided.won,
        mcnemar_p=agreement.decided.p_value,
        megabytes=round(runtime.megabytes, 3),
        megabytes_saved=round(reference.megabytes - runtime.megabytes, 3),
        ms_p50=round(ms[1], 3),
        speed_up=round(ms[0] / ms[1], 3),
        sentences_per_s=round(runtime.sentences_per_s, 1),
    )
