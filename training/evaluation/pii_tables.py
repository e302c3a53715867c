"""What `kefu evaluate pii` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Column, Table

from training.evaluation.pii import Report

# In 80 columns the headings wrap, not the types.
_LONGEST_TYPE = len("CN_LICENSE_PLATE")


def exact_table(report: Report) -> Table:
    kind = Column("type", no_wrap=True, min_width=_LONGEST_TYPE)
    table = Table(kind, "marked", "precision", "recall", "F1", "F2", "recall by overlap")
    for kind, row in [("all", report["overall"]), *report["per_type"].items()]:
        loose = report["per_type_overlap"].get(kind, report["overall_overlap"])
        shown = [row[name] for name in ("precision", "recall", "f1", "f2")] + [loose["recall"]]
        table.add_row(kind, f"{row['gold']:,}", *map(figure, shown))
    return table


def relaxed_table(report: Report) -> Table:
    table = Table(
        *("type", "marked", "found", "neutral", "precision", "recall", "F2"),
        title="Relaxed: any character shared counts",
        title_justify="left",
    )
    for kind, row in relaxed_rows(report):
        counted = (f"{row[name]:,}" for name in ("gold", "found", "neutral"))
        table.add_row(
            kind, *counted, *(figure(row[name]) for name in ("precision", "recall", "f2"))
        )
    return table


def relaxed_rows(report: Report) -> Iterator[tuple[str, Report]]:
    yield "all", report["overall_relaxed"]
    yield from report["per_type_relaxed"].items()


def say_alarms(report: Report) -> str:
    speed = report["lines_per_second"]
    pace = f"{speed:,.0f} lines a second." if speed else "No line was read."
    if not report["n"]:
        return "The file has no rows."
    if not report["negatives"]:
        return f"Every text has something marked, so false alarms are not counted. {pace}"
    return (
        f"False alarms per 100 texts without anything marked: "
        f"{report['false_alarms_per_100_negatives']:.2f} "
        f"({report['false_alarms']:,} in {report['negatives']:,}). {pace}"
    )


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
