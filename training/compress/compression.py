"""Make a trained intent model smaller and faster in several ways, and measure each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from chatbot.adapters.intent_scoring import OUT_OF_SCOPE
from training.compress.bench import Bench, Cut
from training.compress.measuring import Figures, Scales
from training.compress.served import write_record
from training.compress.source import Source, read_source
from training.corpus import Corpus, Finding, read_corpus
from training.errors import CompressionInvalid, CorpusInvalid
from training.model_directory import check_output
from training.progress import SilentWatch, Watch

AS_IT_IS = "none"
"""The method of a model that nothing was done to."""
WIDTHS = (0.5, 1.0)
"""The least and the most that `width` may be."""


class Method(StrEnum):
    INT8 = "int8"
    QAT = "qat"
    PRUNE = "prune"


@dataclass(frozen=True)
class CompressionOrder:
    model: Path
    data: Path
    """Rows that measure, and that calibrate what is written: a little flattering for the latter,
    as a training's own validation rows are for the model."""
    out: Path | None = None
    """A folder; each smaller model gets a directory in it."""
    methods: tuple[Method, ...] = (Method.INT8,)
    train: Path | None = None
    widths: tuple[float, ...] = (0.75,)
    layers: int | None = None
    """That stay when pruning; None: all."""
    lower: bool = True
    epochs: int = 1


@dataclass(frozen=True)
class Compression:
    version: str
    """Of the model that all others are compared with."""
    n: int
    figures: tuple[Figures, ...]
    """Two of each model, on torch and at 8 bits; the first model is the one as it is."""
    written: tuple[Path, ...]
    findings: tuple[Finding, ...]
    """About the rows trained on."""

    def entries(self) -> dict[str, Any]:
        return {
            "model": self.version,
            "n": self.n,
            "rows": [figures.entries() for figures in self.figures],
        }


@dataclass(frozen=True)
class _Job:
    name: str
    """Of the directory in `out`, and in the table."""
    cut: Cut | None
    """None: quantisation-aware training."""


def compress_intent(order: CompressionOrder, *, watch: Watch | None = None) -> Compression:
    """Raises CompressionInvalid, CorpusInvalid, ModelDirectoryInvalid, RecipeInvalid and
    OutputTaken, all of them before any work."""
    heard = watch or SilentWatch()
    _check(order)
    source = read_source(order.model)
    _check_layers(order, source)
    data = _read_known(order.data, source)
    if all(row.intent == OUT_OF_SCOPE for row in data.utterances):
        raise CompressionInvalid(f"{order.data} has no sentence of the model's intents")
    lessons = None if order.train is None else _lessons(order.train, source, data)
    _check_targets(order)
    scales = Scales(data.utterances, heard)
    figures = list(scales.measure(order.model, AS_IT_IS).figures)
    written: list[Path] = []
    if lessons is not None and order.out is not None:
        bench = Bench(source, lessons, data, order.epochs, heard)
        for job in _jobs(order):
            target = order.out / job.name
            if job.cut is None:
                bench.quantise_aware(target)
            else:
                bench.prune(target, job.cut)
            measured = scales.measure(target, job.name)
            write_record(target, measured.record)
            figures += measured.figures
            written.append(target)
    findings = () if lessons is None else lessons.findings
    rows = len(data.utterances)
    return Compression(source.version, rows, tuple(figures), tuple(written), findings)


def _jobs(order: CompressionOrder) -> list[_Job]:
    jobs = [_Job(Method.QAT, None)] if Method.QAT in order.methods else []
    if Method.PRUNE in order.methods:
        layers = f"-{order.layers}-{'lower' if order.lower else 'upper'}" if order.layers else ""
        for width in order.widths:
            cut = Cut(width, order.layers, order.lower)
            jobs.append(_Job(f"{Method.PRUNE}-{width:g}{layers}", cut))
    return jobs


def _check(order: CompressionOrder) -> None:
    jobs = _jobs(order)
    if not order.methods:
        raise CompressionInvalid(f"no method was named; there are {', '.join(Method)}")
    if order.epochs < 1:
        raise CompressionInvalid(f"{order.epochs} epochs; 1 is the fewest")
    least, most = WIDTHS
    for width in order.widths:
        if not least <= width <= most:
            raise CompressionInvalid(f"the width {width:g} is not between {least:g} and {most:g}")
    if any(job.cut == Cut(most, None, order.lower) for job in jobs):
        raise CompressionInvalid("a width of 1 with all layers leaves nothing out")
    if len({job.name for job in jobs}) < len(jobs):
        raise CompressionInvalid("a width was named twice")
    if jobs and order.train is None:
        raise CompressionInvalid(f"{jobs[0].name} trains, and no --train was given")
    if jobs and order.out is None:
        raise CompressionInvalid(f"{jobs[0].name} writes a model, and no --out was given")


def _check_layers(order: CompressionOrder, source: Source) -> None:
    if order.layers is not None and not 1 <= order.layers < source.layers:
        raise CompressionInvalid(
            f"{order.layers} layers of {source.layers}; 1 to {source.layers - 1} may stay"
        )


def _check_targets(order: CompressionOrder) -> None:
    for job in _jobs(order):
        target = (order.out or Path()) / job.name
        check_output(target)
        if target.resolve() == order.model.resolve():
            raise CompressionInvalid(f"{target} is the model itself; name another --out")


def _read_known(path: Path, source: Source) -> Corpus:
    corpus = read_corpus(path)
    for row in corpus.utterances:
        if row.intent not in {*source.labels, OUT_OF_SCOPE}:
            raise CorpusInvalid(
                path, f"the model does not know the intent {row.intent!r}", line=row.line
            )
    return corpus


def _lessons(path: Path, source: Source, data: Corpus) -> Corpus:
    """Without the rows that measure, and without those that the network has no output for."""
    corpus = _read_known(path, source).without_repeats().without_leaks(data)
    rows = tuple(row for row in corpus.utterances if row.intent in source.labels)
    missing = [label for label in source.labels if label not in {row.intent for row in rows}]
    if missing:
        raise CompressionInvalid(
            f"{path} has no sentence of the intent {missing[0]!r} that is not in {data.path} too; "
            "give the rows that the model was trained on"
        )
    return replace(corpus, utterances=rows)
