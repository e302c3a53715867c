"""`python -m tests.benchmarks.pii [BENCHMARKS]`: Kefu and Presidio on the same marked texts.

Ours (`tests/data/pii/turns.jsonl`, Chinese and mixed) and, from the folder of benchmarks if one is
given, `pii/presidio_research_en.jsonl`. A finding is right when it shares a character with a mark
of its type. Presidio runs with its own thresholds; it counts a town as an address (LOCATION).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, track
from rich.table import Column, Table

from chatbot.detection import configure_detection
from chatbot.pii_file import MarkedText, read_marked
from chatbot.settings import Settings
from privacy.entities import Span
from privacy.redaction import detect
from tests.benchmarks.pii_peer import OURS, Peer, PeerUnavailable, install
from training.evaluation.pii import Report, evaluate_pii, renamed
from training.evaluation.pii_scheme import SCHEMES, Scheme, SchemeName
from training.evaluation.pii_tables import figure

TURNS = Path(__file__).parent.parent / "data" / "pii" / "turns.jsonl"
RESEARCH = Path("pii") / "presidio_research_en.jsonl"
LANGUAGES = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True)
class Contest:
    title: str
    rows: Sequence[MarkedText]
    scheme: Scheme
    every_url: bool
    languages: tuple[str, ...]
    """Presidio's settings that run."""


@dataclass(frozen=True)
class Rival:
    name: str
    report: Report
    common: Report
    """Of the types alone that Presidio has."""
    lines_per_second: float | None
    types: frozenset[str] | None = None
    """What it looks for at all; everything when None."""


def contests(benchmarks: Path | None) -> list[Contest]:
    ours = Contest("Kefu's turns", read_marked(TURNS), Scheme(), False, ("zh", "en"))
    if benchmarks is None:
        return [ours]
    scheme = SCHEMES[SchemeName.PRESIDIO]
    rows = renamed(read_marked(benchmarks / RESEARCH), scheme.names)
    return [ours, Contest("presidio-research, English", rows, scheme, True, ("en",))]


def _measure(
    contest: Contest, name: str, find: Callable[[str], Sequence[Span]], console: Console
) -> tuple[Report, Report]:
    """Every text is read once, the first one twice; the second report has the common types."""
    heard: dict[str, Sequence[Span]] = {}

    def remember(text: str) -> Sequence[Span]:
        heard[text] = find(text)
        return heard[text]

    def score(
        rows: Iterable[MarkedText], find: Callable[[str], Sequence[Span]], types: frozenset[str]
    ) -> Report:
        return evaluate_pii(rows, find, types=types, neutral=contest.scheme.neutral)

    watched = track(contest.rows, f"{contest.title}: {name}", console=console, transient=True)
    report = score(watched, remember, contest.scheme.types)
    shared = frozenset(OURS.values()) & (contest.scheme.types or frozenset(OURS.values()))
    return report, score(contest.rows, lambda text: heard[text], shared)


def _kefu(contest: Contest, console: Console) -> Rival:
    report, common = _measure(
        contest, "Kefu", lambda text: detect(text, every_url=contest.every_url), console
    )
    return Rival("Kefu", report, common, report["lines_per_second"])


def _presidio(contest: Contest, peer: Peer, language: str, console: Console) -> Rival:
    name = f"Presidio {peer.version}\n{LANGUAGES[language]}"
    report, common = _measure(contest, f"Presidio, {LANGUAGES[language]}", peer.detect, console)
    return Rival(name, report, common, peer.lines_per_second, peer.types)


def table(contest: Contest, rivals: Sequence[Rival]) -> Table:
    """Recall and F2 of each; a dash where a rival has no such recogniser."""
    heads = [f"{rival.name}\nrecall    F2" for rival in rivals]
    shown = Table(
        *(Column("type", no_wrap=True), Column("marked", justify="right")),
        *(Column(head, justify="right") for head in heads),
        title=f"{contest.title}: {len(contest.rows):,} lines",
        title_justify="left",
    )
    ours = rivals[0].report
    for kind in sorted({kind for rival in rivals for kind in rival.report["per_type_relaxed"]}):
        marked = ours["per_type_relaxed"].get(kind, {"gold": 0})["gold"]
        shown.add_row(kind, f"{marked:,}", *(_of_type(rival, kind) for rival in rivals))
    shown.add_section()
    for title, reports in (
        ("all types", [rival.report for rival in rivals]),
        ("Presidio's types", [rival.common for rival in rivals]),
    ):
        rows = [report["overall_relaxed"] for report in reports]
        shown.add_row(title, f"{rows[0]['gold']:,}", *map(_pair, rows))
    alarms = [rival.report["false_alarms_per_100_negatives"] for rival in rivals]
    shown.add_row("false alarms/100", f"{ours['negatives']:,}", *_shaped(alarms, "{:.2f}"))
    pace = [rival.lines_per_second for rival in rivals]
    shown.add_row("lines a second", "", *_shaped(pace, "{:,.0f}"))
    return shown


def _of_type(rival: Rival, kind: str) -> str:
    if rival.types is not None and kind not in rival.types:
        return "–"
    return _pair(rival.report["per_type_relaxed"].get(kind, {"recall": None, "f2": None}))


def _pair(row: Report) -> str:
    return f"{figure(row['recall'])} {figure(row['f2'])}"


def _shaped(values: Iterable[float | None], shape: str) -> list[str]:
    return ["–" if value is None else shape.format(value) for value in values]


def _peers(console: Console, folder: Path, stack: ExitStack) -> dict[str, Peer]:
    with Progress(console=console, transient=True) as progress:
        progress.add_task("Installing and starting Presidio", total=None)
        python = install(folder / "presidio")
        return {
            language: stack.enter_context(
                Peer(python, language, log=folder / f"presidio-{language}.log")
            )
            for language in LANGUAGES
        }


def main() -> None:
    benchmarks = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if benchmarks is not None and not (benchmarks / RESEARCH).is_file():
        sys.exit(f"{benchmarks / RESEARCH} does not exist.")
    console = Console()
    configure_detection(Settings())
    with ExitStack() as stack:
        peers: dict[str, Peer] = {}
        try:
            peers = _peers(console, Settings().home / "bench", stack)
        except PeerUnavailable as missing:
            console.print(str(missing), markup=False, highlight=False, soft_wrap=True)
        for contest in contests(benchmarks):
            rivals = [_kefu(contest, console)]
            for language in contest.languages:
                if language in peers:
                    rivals.append(_presidio(contest, peers[language], language, console))
            console.print(table(contest, rivals))
        if "zh" in peers and not peers["zh"].model:
            console.print(
                "Presidio's Chinese setting ran by patterns alone, without names and addresses: "
                f"spaCy's Chinese model, which the package index does not hold, is not installed "
                f"in {peers['zh'].home}.",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


if __name__ == "__main__":
    main()
