"""`make bench-retrieval [BENCHMARKS=folder]`: the search beside its parts and published figures.

Always the colloquial sets of `tests/colloquial.py`, asked of their own language's articles and of
the other language's alone; StackFAQ, CovidFAQ and CMRC2018 from the folder of benchmarks if one is
given. Queries go in as written, one at a time, through `chatbot.turn.look_up`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Column, Table

from chatbot.bootstrap import load_embedder
from chatbot.detection import configure_detection
from chatbot.retriever_home import answer_threshold
from chatbot.settings import Settings, load_settings
from knowledge_base.chunking import sentences
from knowledge_base.embedding import Embedder, Vectors
from knowledge_base.encoder_onnx import EncoderOnnx
from knowledge_base.passages import Hit
from knowledge_base.search import Channel
from tests.colloquial import COMPANIES, LANGUAGES, articles, in_language, questions
from training.evaluation.retrieval.asking import Answer, ask_all
from training.evaluation.retrieval.figures import Report, measure
from training.evaluation.retrieval.ground import (
    Ask,
    Ground,
    Opened,
    documents_ground,
    file_ground,
    open_ground,
)
from training.evaluation.retrieval.queries import Known, Query, read_queries
from training.progress import RichWatch, Watch

CHANNELS = (Channel.ALL, Channel.DENSE, Channel.LEXICAL)
COLUMNS = {
    "recall_at_1": "first",
    "recall_at_3": "in 3",
    "recall_at_5": "in 5",
    "mrr": "MRR",
    "answerable_pass_rate": "pass",
    "unanswerable_pass_rate": "false\npass",
    "auroc": "AUROC",
}
AT_MOST = ("unanswerable_pass_rate", "ece")
"""Aims that are kept from below; all others from above."""
COLLOQUIAL = {
    "recall_at_1": 0.70,
    "recall_at_3": 0.88,
    "answerable_pass_rate": 0.85,
    "unanswerable_pass_rate": 0.12,
    "ece": 0.05,
}
ACROSS = {"recall_at_1": 0.60}


@dataclass(frozen=True)
class Published:
    who: str
    figures: dict[str, float]


@dataclass(frozen=True)
class Contest:
    title: str
    parts: tuple[tuple[Ground, tuple[Query, ...]], ...]
    """Each with what is asked of it; figures are taken over all."""
    published: tuple[Published, ...] = ()
    aims: Mapping[str, float] = field(default_factory=dict)
    """What the search sets out to reach, by figure."""

    @property
    def queries(self) -> list[Query]:
        return [query for _, queries in self.parts for query in queries]


@dataclass(frozen=True)
class Outcome:
    contest: Contest
    channels: dict[str, Report]

    @property
    def gain(self) -> float:
        """Right article first: all together less the better part."""
        parts = [self.channels[each]["recall_at_1"] for each in (Channel.DENSE, Channel.LEXICAL)]
        return float(self.channels[Channel.ALL]["recall_at_1"] - max(parts))


# Other measures than ours (MAP over many answers) are left out: they cannot stand in our columns.
FOLDERS = {
    "stackfaq": (
        "StackFAQ",
        (Published("MiniLM on questions", {"recall_at_1": 0.945}),),
        {"recall_at_1": 0.955, "mrr": 0.97},
    ),
    "covidfaq": (
        "CovidFAQ",
        (
            Published("MiniLM on answers", {"recall_at_1": 0.516}),
            Published("e5", {"recall_at_1": 0.526}),
            Published("e5 + tf-idf (RRF)", {"recall_at_1": 0.536, "recall_at_5": 0.90}),
        ),
        {"recall_at_1": 0.56, "recall_at_5": 0.92},
    ),
    "cmrc2018_zh": (
        "CMRC2018",
        (
            Published("e5", {"recall_at_1": 0.948, "recall_at_5": 0.985}),
            Published("character tf-idf", {"recall_at_1": 0.945, "recall_at_5": 0.997}),
            Published("both (RRF)", {"recall_at_1": 0.978, "recall_at_5": 0.994}),
        ),
        {"recall_at_1": 0.980, "recall_at_5": 0.996},
    ),
}


def colloquial(settings: Settings, asked: str, written: str) -> Contest:
    """Questions in the one language of articles in the other, each of its own company."""
    parts = []
    for company in COMPANIES:
        ground = documents_ground(settings, company, tuple(articles(company, written)))
        queries = tuple(
            Query(each.question, _expected(each.expected_id, written), asked, company)
            for each in questions(asked)
            if each.company == company
        )
        parts.append((ground, queries))
    aims = COLLOQUIAL if asked == written else ACROSS
    return Contest(f"colloquial, {asked} asked of {written}", tuple(parts), aims=aims)


def _expected(article: str | None, language: str) -> tuple[str, ...]:
    return () if article is None else (in_language(article, language),)


def contests(settings: Settings, benchmarks: Path | None) -> Iterator[Contest]:
    for asked in LANGUAGES:
        yield colloquial(settings, asked, asked)
    for asked, written in (LANGUAGES, LANGUAGES[::-1]):
        yield colloquial(settings, asked, written)
    for name, (title, published, aims) in FOLDERS.items() if benchmarks is not None else ():
        assert benchmarks is not None
        folder = benchmarks / "retrieval" / name
        ground = file_ground(settings, headed(folder / "kb.csv", settings.home / "bench" / name))
        yield Contest(title, ((ground, _queries(settings, folder, ground.known)),), published, aims)


def headed(path: Path, folder: Path) -> Path:
    """A copy in which the two articles of CMRC2018 without a heading begin with their first
    sentence instead: no reader takes an article without a question."""
    folder.mkdir(parents=True, exist_ok=True)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    copy = folder / path.name
    with copy.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        for row in rows:
            question = row["question"].strip() or sentences(row["answer"])[0]
            writer.writerow(row | {"question": question})
    return copy


def _queries(settings: Settings, folder: Path, known: Known) -> tuple[Query, ...]:
    path, longest = folder / "queries.csv", settings.message_characters
    return read_queries(path, longest=longest, known=lambda _collection: known).queries


class Remembering:
    """Encodes a query once: the first channel takes its time, the others need not."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._seen: dict[str, Vectors] = {}
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        if len(texts) != 1:
            return self._embedder.encode_queries(texts)
        if texts[0] not in self._seen:
            self._seen[texts[0]] = self._embedder.encode_queries(texts)
        return self._seen[texts[0]]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.encode_passages(texts)


class RememberingTokens(Remembering):
    """Of an encoder whose tokens are read too."""

    def __init__(self, encoder: EncoderOnnx) -> None:
        super().__init__(encoder)
        self.read_queries = encoder.read_queries
        self.read_passages = encoder.read_passages


def remembering(embedder: Embedder) -> Embedder:
    reads = isinstance(embedder, EncoderOnnx)
    return RememberingTokens(embedder) if reads else Remembering(embedder)


def run(contest: Contest, settings: Settings, embedder: Embedder, watch: Watch) -> Outcome:
    encoder = remembering(embedder)
    opened = [
        open_ground(settings, ground, encoder, masked=False, watch=watch)
        for ground, _ in contest.parts
    ]
    return Outcome(
        contest,
        {
            channel.value: measure(
                list(zip(contest.queries, _ask(contest, opened, channel, watch), strict=True)),
                threshold=answer_threshold(settings) if channel is Channel.ALL else None,
            )
            for channel in CHANNELS
        },
    )


def _ask(
    contest: Contest, opened: Sequence[Opened], channel: Channel, watch: Watch
) -> list[Answer]:
    watch.stage(f"{contest.title}: {channel.value}", len(contest.queries))
    answers = []
    for (_, queries), each in zip(contest.parts, opened, strict=True):
        answers += ask_all(queries, _asking(each.ask(channel)), advance=watch.advance)
    return answers


def _asking(ask: Ask) -> Callable[[Query, int], list[Hit]]:
    return lambda query, limit: ask(query.text, limit)


def table(outcome: Outcome) -> Table:
    """Shares in per cent; the median latency of the whole search."""
    count = outcome.channels[Channel.ALL]
    queries = f"{count['n_answerable']:,} answerable and {count['n_unanswerable']:,} other queries"
    shown = Table(
        "ranked by",
        *(Column(head, justify="right", no_wrap=True) for head in (*COLUMNS.values(), "ms")),
        title=f"{outcome.contest.title}: {queries}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for name, report in outcome.channels.items():
        aims = outcome.contest.aims if name == Channel.ALL else {}
        cells = [percent(report[column]) + mark(report, aims, column) for column in COLUMNS]
        latency = f"{report['latency_ms_p50']:.1f}" if name == Channel.ALL else ""
        shown.add_row(name, *cells, latency)
    for other in outcome.contest.published:
        cells = [percent(other.figures.get(column)) for column in COLUMNS]
        shown.add_row(f"({other.who})", *cells, "")
    return shown


def mark(report: Report, aims: Mapping[str, float], figure: str) -> str:
    """Whether an aim is met, where there is one."""
    if figure not in aims or report[figure] is None:
        return ""
    short = report[figure] - aims[figure]
    return " ✓" if (short <= 0 if figure in AT_MOST else short >= 0) else " ✗"


def calibration(outcome: Outcome) -> str:
    """How far scores are from how often the first hit is right."""
    report = outcome.channels[Channel.ALL]
    return f"  calibration error {report['ece']:.3f}{mark(report, outcome.contest.aims, 'ece')}"


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def dump(outcomes: Sequence[Outcome]) -> str:
    sets = {
        outcome.contest.title: {
            "channels": outcome.channels,
            "all_less_better_part": outcome.gain,
            "aims": outcome.contest.aims,
            "published": {each.who: each.figures for each in outcome.contest.published},
        }
        for outcome in outcomes
    }
    return json.dumps(sets, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-retrieval", description=__doc__)
    parser.add_argument("benchmarks", type=Path, nargs="?", help="folder that holds retrieval/")
    parser.add_argument("--only", action="append", help="part of a title, such as CMRC")
    parser.add_argument("--out", type=Path, help="JSON; in KEFU_HOME/bench when not given")
    options = parser.parse_args()
    if options.benchmarks is not None and not (options.benchmarks / "retrieval").is_dir():
        sys.exit(f"{options.benchmarks / 'retrieval'} does not exist.")
    settings = load_settings()
    configure_detection(settings)
    out = options.out or settings.home / "bench" / "retrieval.json"
    embedder, outcomes = load_embedder(settings), []
    for contest in contests(settings, options.benchmarks):
        if options.only and not any(part in contest.title for part in options.only):
            continue
        with RichWatch(Console(stderr=True)) as watch:
            outcomes.append(run(contest, settings, embedder, watch))
    console = Console()
    for outcome in outcomes:
        console.print(table(outcome))
        console.print(calibration(outcome), highlight=False)
        console.print(
            f"  all less the better part, right article first: {100 * outcome.gain:+.1f} points",
            highlight=False,
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(dump(outcomes), encoding="utf-8")
    console.print(f"The figures are in {out}.", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
