"""What `kefu evaluate retrieval` and `kefu evaluate runs` print, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Column, Table
from rich.text import Text

from training.audits.wording import Wording
from training.evaluation.retrieval.figures import Report
from training.evaluation.retrieval.queries import Query
from training.evaluation.retrieval.runs import Comparison, Run
from training.evaluation.sentences import say_p
from training.evaluation.significance import PairedTest

SHOWN = 5
"""Of mistakes, and of queries won and lost; the report holds all."""
_COUNTS = {"n", "n_answerable", "n_unanswerable"}
_PLAIN = {
    "ece": "{:.3f}",
    "auroc": "{:.3f}",
    "latency_ms_p50": "{:.1f}",
    "latency_ms_p95": "{:.1f}",
}
_LONGEST_NAME, _LONGEST_QUERY = 18, 160


def channels_table(title: str, channels: Mapping[str, Report], wording: Wording) -> Table:
    """One column a channel: shares in per cent, with their interval at 95 %."""
    one = len(channels) == 1
    heads = [wording.say("retrieval_channels", name) for name in channels]
    table = Table(
        wording.say("retrieval", "figure"),
        *(Column(wording.say("retrieval", "value") if one else x, justify="right") for x in heads),
        title=Text(title),
        title_justify="left",
    )
    for name, shown in wording.tables["retrieval_figures"].items():
        cells = [_cell(report, name, wording) for report in channels.values()]
        if any(report[name] is not None for report in channels.values()):
            table.add_row(shown, *cells)
    return table


def groups_table(title: str, groups: Mapping[str, Report], wording: Wording) -> Table:
    names = wording.tables["retrieval_short"]
    table = Table(
        Column(wording.say("retrieval", "group"), overflow="fold"),
        *(Column(heading, justify="right") for heading in names.values()),
        title=title,
        title_justify="left",
    )
    for group, report in groups.items():
        cells = (_value(report[name], name, wording) for name in names)
        table.add_row(Text(_short(group)), *cells)
    return table


def failures_table(failed: Sequence[Report], wording: Wording) -> Table:
    heads = [wording.say("retrieval", x) for x in ("query", "expected", "first", "score")]
    title = wording.say("retrieval", "failures")
    table = Table(
        Column(heads[0], ratio=3, overflow="fold"),
        *(Column(head, ratio=1, overflow="fold") for head in heads[1:3]),
        Column(heads[3], justify="right", no_wrap=True),
        title=title,
        title_justify="left",
        expand=True,
    )
    nothing = wording.say("retrieval", "nothing")
    for row in failed[:SHOWN]:
        query = Text(row["query"][:_LONGEST_QUERY])
        expected = Text("\n".join(row["expected"]) or nothing)
        table.add_row(query, expected, Text(row["first"] or nothing), f"{row['score']:.3f}")
    return table


def runs_table(runs: Sequence[Run], wording: Wording) -> Table:
    short = {x: wording.say("retrieval_short", x) for x in ("n", "recall_at_1", "recall_at_5")}
    short["mrr"] = wording.say("retrieval_short", "mrr")
    table = Table(
        Column(wording.say("retrieval", "run"), no_wrap=True, min_width=21),
        *(Column(wording.say("retrieval", x), overflow="fold") for x in ("queries", "knowledge")),
        *(Column(heading, justify="right") for heading in short.values()),
        title=wording.say("retrieval", "runs"),
        title_justify="left",
    )
    for run in runs:
        report = run.channels[run.main].figures
        cells = (_value(report.get(name), name, wording) for name in short)
        table.add_row(run.name, Text(_short(run.queries)), Text(_short(run.knowledge)), *cells)
    return table


def say_comparison(comparison: Comparison, wording: Wording) -> Iterator[str]:
    test = comparison.first
    yield wording.say(
        "retrieval_against",
        "first",
        other=comparison.name,
        n=f"{test.n:,}",
        **_points(wording, test.difference, test.interval.low, test.interval.high),
        won=f"{test.won:,}",
        lost=f"{test.lost:,}",
        p=say_p(test.p_value),
        verdict=wording.say("retrieval_against", _verdict(test)),
    )
    interval = comparison.mrr_interval
    yield wording.say(
        "retrieval_against",
        "mrr",
        **_points(wording, comparison.mrr_difference, interval.low, interval.high),
        p=say_p(comparison.mrr_p),
    )
    yield from _listed("won", comparison.won, wording)
    yield from _listed("lost", comparison.lost, wording)


def _verdict(test: PairedTest) -> str:
    if not test.won + test.lost:
        return "same"
    if not test.significant:
        return "even"
    return "better" if test.won > test.lost else "worse"


def _listed(key: str, queries: Sequence[Query], wording: Wording) -> Iterator[str]:
    if queries:
        shown = " / ".join(query.text[:_LONGEST_QUERY] for query in queries[:SHOWN])
        more = " …" if len(queries) > SHOWN else ""
        yield f"{wording.say('retrieval_against', key)}: {shown}{more}"


def _points(wording: Wording, difference: float, low: float, high: float) -> dict[str, str]:
    values = {"difference": difference, "low": low, "high": high}
    return {name: wording.signed_points(value) for name, value in values.items()}


def _cell(report: Report, name: str, wording: Wording) -> str:
    shown = _value(report[name], name, wording)
    interval = report["intervals"].get(name)
    if interval is None:
        return shown
    return f"{shown} ({100 * interval[0]:.1f}–{100 * interval[1]:.1f})"


def _value(value: float | None, name: str, wording: Wording) -> str:
    if value is None:
        return wording.say("retrieval", "no_value")
    if name in _COUNTS:
        return f"{value:,}"
    return _PLAIN[name].format(value) if name in _PLAIN else f"{100 * value:.1f}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
