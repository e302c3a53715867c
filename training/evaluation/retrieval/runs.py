"""Measurements of retrieval are kept, so that the next one can be held against them.

One JSON file each below KEFU_HOME/evaluations/retrieval. No query is kept: a file of queries is
known by its hash, and a query by its place in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np

from knowledge_base.search import Channel
from knowledge_base.storage import write_atomically
from training.audits.intervals import Interval, cluster_means, percentile_interval, two_sided_p
from training.errors import RunUnusable
from training.evaluation.retrieval.figures import ROUNDS, Report, reciprocal
from training.evaluation.retrieval.queries import Query
from training.evaluation.significance import PairedTest, compare_paired

RUNS = Path("evaluations") / "retrieval"
LAST = "last"
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")


@dataclass(frozen=True)
class Ranking:
    figures: Report
    ranks: tuple[int | None, ...]
    """Of the first right document for each query, in the order of the file."""


@dataclass(frozen=True)
class Run:
    name: str
    """Begins with the moment, in UTC."""
    queries: str
    """The file's name."""
    queries_sha256: str
    knowledge: str
    versions: Mapping[str, str]
    """Of the index of each collection."""
    encoder: str
    masked: bool
    channels: Mapping[str, Ranking]

    @property
    def main(self) -> str:
        return main_channel(tuple(self.channels))

    def dump(self) -> bytes:
        return f"{json.dumps(asdict(self), ensure_ascii=False, indent=1)}\n".encode()


@dataclass(frozen=True)
class Comparison:
    """The answerable queries of two runs on the same file."""

    name: str
    channel: str
    first: PairedTest
    """Right documents in the first place."""
    mrr_difference: float
    mrr_interval: Interval
    """At 95 %."""
    mrr_p: float
    won: tuple[Query, ...]
    """First now, not before."""
    lost: tuple[Query, ...]

    def figures(self) -> Report:
        test = self.first
        return {
            "run": self.name,
            "channel": self.channel,
            "n": test.n,
            "recall_at_1_difference": test.difference,
            "recall_at_1_interval": [test.interval.low, test.interval.high],
            "mcnemar_p": test.p_value,
            "significant": test.significant,
            "mrr_difference": self.mrr_difference,
            "mrr_interval": [self.mrr_interval.low, self.mrr_interval.high],
            "mrr_p": self.mrr_p,
            "won": [{"line": query.line, "query": query.text} for query in self.won],
            "lost": [{"line": query.line, "query": query.text} for query in self.lost],
        }


def new_name(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{token_hex(2)}"


def main_channel(channels: Sequence[str]) -> str:
    """Whose figures stand for the whole: those of all channels together where they were asked."""
    return Channel.ALL.value if Channel.ALL.value in channels else channels[0]


def keep(home: Path, run: Run) -> Path:
    path = home / RUNS / f"{run.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, run.dump())
    return path


def kept_runs(home: Path) -> list[Run]:
    """Newest first. Raises RunUnusable for a file that is no run."""
    names = (path.stem for path in (home / RUNS).glob("*.json"))
    return [_load(home, name) for name in sorted(filter(_NAME.fullmatch, names), reverse=True)]


def find_run(home: Path, name: str, *, queries_sha256: str, channel: str) -> Run:
    """The run to compare with; `last` is the newest that asked these queries by this channel.

    Raises RunUnusable.
    """
    if name == LAST:
        for run in kept_runs(home):
            if run.queries_sha256 == queries_sha256 and channel in run.channels:
                return run
        raise RunUnusable(
            f"No kept run has asked these queries by the channel {channel} yet: leave --against "
            "out this time, and compare the next run."
        )
    if not _NAME.fullmatch(name) or not (home / RUNS / f"{name}.json").is_file():
        raise RunUnusable(f"There is no run {name!r}: `kefu evaluate runs` lists those kept.")
    run = _load(home, name)
    if run.queries_sha256 != queries_sha256:
        raise RunUnusable(
            f"The run {name} asked other queries than these: compare runs of the same file."
        )
    if channel not in run.channels:
        raise RunUnusable(
            f"The run {name} was not ranked by the channel {channel}: name one of "
            f"{', '.join(run.channels)} with --channel."
        )
    return run


def compare_runs(
    queries: Sequence[Query], run: Run, other: Run, channel: str, *, seed: int = 1
) -> Comparison:
    """Both have asked `queries`, in this order."""
    rankings = (each.channels[channel].ranks for each in (run, other))
    rows = [
        (query, rank, before)
        for query, rank, before in zip(queries, *rankings, strict=True)
        if query.expected
    ]
    gained = np.array([[reciprocal(rank) - reciprocal(before)] for _, rank, before in rows])
    draws = cluster_means(gained, np.ones_like(gained), rounds=ROUNDS, seed=seed) if rows else None
    return Comparison(
        name=other.name,
        channel=channel,
        first=compare_paired(
            [rank == 1 for _, rank, _ in rows], [before == 1 for _, _, before in rows]
        ),
        mrr_difference=float(gained.mean()) if rows else 0.0,
        mrr_interval=Interval(-1.0, 1.0) if draws is None else percentile_interval(draws),
        mrr_p=1.0 if draws is None else two_sided_p(draws),
        won=tuple(query for query, rank, before in rows if rank == 1 and before != 1),
        lost=tuple(query for query, rank, before in rows if rank != 1 and before == 1),
    )


def _load(home: Path, name: str) -> Run:
    path = home / RUNS / f"{name}.json"
    try:
        row: dict[str, Any] = json.loads(path.read_bytes())
        channels = {
            channel: Ranking(dict(ranking["figures"]), tuple(ranking["ranks"]))
            for channel, ranking in row["channels"].items()
        }
        run = Run(**{**row, "channels": channels})
        if not channels:
            raise ValueError("no channel")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise RunUnusable(f"{path} is no kept run any more: remove the file.") from None
    return run
