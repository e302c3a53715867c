"""One measurement of retrieval from files to figures, kept for the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from chatbot.bootstrap import load_embedder
from chatbot.settings import Settings, load_settings
from knowledge_base.embedding import Embedder
from knowledge_base.search import Channel
from training.evaluation.retrieval.asking import Answer, ask_all
from training.evaluation.retrieval.figures import Report, by_group, failures, measure
from training.evaluation.retrieval.ground import (
    Ground,
    Opened,
    file_ground,
    open_ground,
    served_ground,
)
from training.evaluation.retrieval.queries import Query, QueryFile, read_queries
from training.evaluation.retrieval.runs import (
    Comparison,
    Ranking,
    Run,
    compare_runs,
    find_run,
    keep,
    main_channel,
    new_name,
)
from training.progress import SilentWatch, Watch

_FINGERPRINT_DIGITS = 8


@dataclass(frozen=True)
class MeasurementOrder:
    queries: Path
    knowledge: Path | None = None
    """A file or folder of documents; None for what is being served."""
    collection: str | None = None
    """Where the queries do not say; the product's own when None."""
    channels: tuple[Channel, ...] = (Channel.ALL,)
    against: str | None = None
    masked: bool = False
    content: bytes | None = None
    """What the file of queries holds, where there is none on the disk."""


@dataclass(frozen=True)
class Measurement:
    run: Run
    languages: Mapping[str, Report]
    collections: Mapping[str, Report]
    failures: tuple[Report, ...]
    masked: int
    """Queries in which personal data was masked."""
    comparison: Comparison | None = None

    @property
    def figures(self) -> Report:
        return self.run.channels[self.run.main].figures

    def report(self) -> Report:
        """The figures of the main channel lie flat, as programs expect them."""
        run = self.run
        return {
            **self.figures,
            "per_language": dict(self.languages),
            "per_collection": dict(self.collections),
            "channel": run.main,
            "channels": {name: ranking.figures for name, ranking in run.channels.items()},
            "run": run.name,
            "index_versions": dict(run.versions),
            "encoder": run.encoder,
            "queries_sha256": run.queries_sha256,
            "masked": run.masked,
            "n_masked": self.masked,
            "against": None if self.comparison is None else self.comparison.figures(),
            "failures": list(self.failures),
        }


def measure_retrieval(
    order: MeasurementOrder,
    stages: Mapping[str, str],
    *,
    watch: Watch | None = None,
    settings: Settings | None = None,
    embedder: Embedder | None = None,
) -> Measurement:
    """`stages` says what each part of the work is called. Raises CorpusInvalid, RunUnusable and
    KnowledgeError, the first two before any model is loaded."""
    heard, settings = _Named(watch or SilentWatch(), stages), settings or load_settings()
    ground_of = _grounds(settings, order)
    asked = read_queries(
        order.queries,
        longest=settings.message_characters,
        known=lambda collection: ground_of(collection).known,
        content=order.content,
    )
    main = main_channel([channel.value for channel in order.channels])
    other = _other(order, settings, asked, main)
    heard.stage("loading", 1)
    encoder = embedder or load_embedder(settings)
    heard.advance()
    grounds = [ground_of(query.collection) for query in asked.queries]
    opened = {
        ground.name: open_ground(settings, ground, encoder, masked=order.masked, watch=heard)
        for ground in {ground.name: ground for ground in grounds}.values()
    }
    homes = [opened[ground.name] for ground in grounds]
    answers = {
        channel.value: _ask(asked.queries, homes, channel, heard) for channel in order.channels
    }
    run = Run(
        name=new_name(datetime.now(UTC)),
        queries=asked.path.name,
        queries_sha256=asked.sha256,
        knowledge=", ".join(opened),
        versions={name: each.knowledge.version for name, each in opened.items()},
        encoder=f"{encoder.name} {encoder.fingerprint[:_FINGERPRINT_DIGITS]}",
        masked=order.masked,
        channels={
            name: _ranking(asked.queries, found, _threshold(name, settings))
            for name, found in answers.items()
        },
    )
    keep(settings.home, run)
    # Of a file, only what the queries themselves call a collection is a group.
    labels = [query.collection for query in asked.queries]
    if order.knowledge is None:
        labels = [ground.name for ground in grounds]
    pairs, threshold = _pairs(asked.queries, answers[main]), _threshold(main, settings)
    return Measurement(
        run=run,
        languages=by_group(pairs, [q.language for q in asked.queries], threshold=threshold),
        collections=by_group(pairs, labels, threshold=threshold),
        failures=tuple(failures(pairs, threshold=threshold)),
        masked=sum(x.masks(q.text) for q, x in zip(asked.queries, homes, strict=True)),
        comparison=None if other is None else compare_runs(asked.queries, run, other, main),
    )


@dataclass(frozen=True)
class _Named:
    """Says what each stage is called in the reader's language."""

    watch: Watch
    stages: Mapping[str, str]

    def stage(self, name: str, total: int) -> None:
        # Who builds the index may have stages of its own.
        self.watch.stage(self.stages.get(name, name), total)

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        self.watch.advance(steps, note=note)


def _grounds(settings: Settings, order: MeasurementOrder) -> Callable[[str], Ground]:
    """By what a query says of its collection."""
    if order.knowledge is not None:
        ground = file_ground(settings, order.knowledge)
        return lambda _collection: ground
    usual = order.collection or settings.collection
    return cache(lambda collection: served_ground(settings, collection or usual))


def _other(
    order: MeasurementOrder, settings: Settings, asked: QueryFile, channel: str
) -> Run | None:
    if order.against is None:
        return None
    return find_run(settings.home, order.against, queries_sha256=asked.sha256, channel=channel)


def _ask(
    queries: Sequence[Query], opened: Sequence[Opened], channel: Channel, watch: Watch
) -> list[Answer]:
    asks = {id(each): each.ask(channel) for each in opened}
    ways = {query: asks[id(each)] for query, each in zip(queries, opened, strict=True)}
    watch.stage(channel.value, len(queries))
    return ask_all(
        queries, lambda query, limit: ways[query](query.text, limit), advance=watch.advance
    )


def _pairs(queries: Sequence[Query], answers: Sequence[Answer]) -> list[tuple[Query, Answer]]:
    return list(zip(queries, answers, strict=True))


def _ranking(
    queries: Sequence[Query], answers: Sequence[Answer], threshold: float | None
) -> Ranking:
    pairs = _pairs(queries, answers)
    ranks = tuple(answer.rank(query.expected) for query, answer in pairs)
    return Ranking(measure(pairs, threshold=threshold), ranks)


def _threshold(channel: str, settings: Settings) -> float | None:
    """A single channel's scores are no probabilities."""
    return settings.answer_score if channel == Channel.ALL else None
