"""What `kefu evaluate pii` prints, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Column, Table

from training.audits.wording import Wording
from training.evaluation.pii import Report

# In 80 columns the headings wrap, not the types.
_LONGEST_TYPE = len("CN_LICENSE_PLATE")


def exact_table(report: Report, wording: Wording) -> Table:
    kind = Column(wording.say("pii", "type"), no_wrap=True, min_width=_LONGEST_TYPE)
    names = ("marked", "precision", "recall", "f1", "f2", "overlap_recall")
    table = Table(kind, *(wording.say("pii", name) for name in names))
    for kind_name, row in [("", report["overall"]), *report["per_type"].items()]:
        loose = report["per_type_overlap"].get(kind_name, report["overall_overlap"])
        shown = [row[name] for name in ("precision", "recall", "f1", "f2")] + [loose["recall"]]
        label = kind_name or wording.say("pii", "all")
        table.add_row(label, f"{row['gold']:,}", *map(figure, shown))
    return table


def relaxed_table(report: Report, wording: Wording) -> Table:
    names = ("type", "marked", "found", "neutral", "precision", "recall", "f2")
    table = Table(
        *(wording.say("pii", name) for name in names),
        title=wording.say("pii", "relaxed"),
        title_justify="left",
    )
    for kind, row in _relaxed_rows(report):
        counted = (f"{row[name]:,}" for name in ("gold", "found", "neutral"))
        figures = (figure(row[name]) for name in ("precision", "recall", "f2"))
        table.add_row(kind or wording.say("pii", "all"), *counted, *figures)
    return table


def _relaxed_rows(report: Report) -> Iterator[tuple[str, Report]]:
    yield "", report["overall_relaxed"]
    yield from report["per_type_relaxed"].items()


def say_alarms(report: Report, wording: Wording) -> str:
    if not report["n"]:
        return wording.say("pii", "no_rows")
    speed = report["lines_per_second"]
    pace = wording.say("pii", "pace", speed=f"{speed:,.0f}" if speed else "0")
    if not report["negatives"]:
        return wording.say("pii", "no_negatives", pace=pace)
    return wording.say(
        "pii",
        "alarms",
        rate=f"{report['false_alarms_per_100_negatives']:.2f}",
        alarms=f"{report['false_alarms']:,}",
        negatives=f"{report['negatives']:,}",
        pace=pace,
    )


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
