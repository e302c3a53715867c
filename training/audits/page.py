"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from training.audits import sentences
from training.audits.charts import Bar, Mark, Panel, draw_bars, draw_panels
from training.audits.conclusions import Audit, Conclusions
from training.audits.fairness import FairnessResult
from training.audits.flags import Comparison
from training.audits.metrics import DimensionReport, GroupFigure, Suppressed, Table
from training.audits.privacy_evidence import PrivacyEvidence
from training.audits.probes import ProbeReport
from training.audits.wording import Wording

TEMPLATE = "report.html.j2"


@dataclass(frozen=True)
class Row:
    """One line of an outcome table: shown with its figures, or suppressed."""

    figure: GroupFigure | None
    suppressed: Suppressed | None
    comparison: Comparison | None
    reference: bool


def render_page(audit: Audit, conclusions: Conclusions, wording: Wording) -> str:
    """UTF-8 HTML; every value is escaped, the charts are our own."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        t=wording,
        audit=audit,
        summary=sentences.summarise(audit, conclusions, wording),
        unmet=sentences.say_unmet(conclusions, wording),
        method=sentences.explain_method(audit, wording),
        limits=sentences.admit_limits(audit, wording),
        dimensions=list(_dimensions(audit.fairness, wording)),
        probe_chart=_probe_chart(audit.probes, wording),
        read_chart=_read_chart(audit.privacy, wording),
    )


def _dimensions(
    result: FairnessResult | None, wording: Wording
) -> Iterator[tuple[DimensionReport, Markup, list[tuple[Table, list[Row]]]]]:
    for report in result.dimensions if result else ():
        comparisons = {
            (one.outcome, one.group): one
            for one in (result.comparisons if result else ())
            if one.dimension == report.dimension
        }
        tables = [(table, _rows(table, comparisons)) for table in report.tables]
        yield report, _outcome_chart(report, tables, wording), [t for t in tables if t[1]]


def _rows(table: Table, comparisons: dict[tuple[str, str], Comparison]) -> list[Row]:
    references = {one.reference for one in comparisons.values() if one.outcome == table.outcome}
    shown = [
        Row(
            figure,
            None,
            comparisons.get((table.outcome, figure.group)),
            figure.group in references,
        )
        for figure in table.figures
    ]
    return shown + [Row(None, hidden, None, False) for hidden in table.suppressed]


def _outcome_chart(
    report: DimensionReport, tables: Sequence[tuple[Table, list[Row]]], wording: Wording
) -> Markup:
    panels = [
        Panel(
            wording.label("outcomes", table.outcome),
            tuple(
                Mark(
                    wording.group(report.dimension, row.figure.group),
                    row.figure.value,
                    row.figure.interval,
                    row.comparison is not None and row.comparison.flagged,
                )
                for row in rows
                if row.figure is not None
            ),
        )
        for table, rows in tables
        if table.unit == "share" and table.figures
    ]
    if not panels:
        return Markup("")
    dimension = wording.dimension(report.dimension)
    alt = wording.say("chart", "outcomes", dimension=dimension)
    return Markup(draw_panels(panels, name=f"chart-{report.dimension}", alt=alt))


def _probe_chart(report: ProbeReport | None, wording: Wording) -> Markup:
    if report is None or not report.figures:
        return Markup("")
    panels = [
        Panel(
            wording.label("groups", language),
            tuple(
                Mark(
                    wording.label("probes", figure.dimension),
                    figure.action.rate,
                    figure.action.interval,
                )
                for figure in report.figures
                if figure.language == language
            ),
        )
        for language in dict.fromkeys(figure.language for figure in report.figures)
    ]
    return Markup(draw_panels(panels, name="chart-probes", alt=wording.say("chart", "probes")))


def _read_chart(evidence: PrivacyEvidence | None, wording: Wording) -> Markup:
    reads = evidence.reads if evidence else None
    if not reads:
        return Markup("")
    bars = [
        Bar(
            f"{wording.label('roles', one.role)}: {wording.label('purposes', one.purpose)}",
            one.conversations + one.lists,
        )
        for one in reads
    ]
    return Markup(draw_bars(bars, name="chart-reads", alt=wording.say("chart", "reads")))
