"""Write an audit report to its place and enter it into the list that the console shows."""

from __future__ import annotations

from datetime import timedelta

from chatbot.adapters.store_reports import SqlReports
from chatbot.bootstrap import open_database
from chatbot.reports import Report
from chatbot.settings import Settings
from training.audits.log import audits_home, connect_sources
from training.audits.records import Period
from training.audits.report import write_report
from training.audits.sources import Kind, make_audit
from training.progress import Watch


def file_report(
    settings: Settings, *, kind: Kind, days: int, report_id: str, watch: Watch
) -> dict[str, object]:
    """The id is the job's: written again after a kill, it stays one report."""
    sources = connect_sources(settings)
    until = sources.now()
    period = Period(until - timedelta(days=days), until)
    audit = make_audit(sources, kind, period=period, watch=watch)
    watch.stage("Writing the report", 1)
    folder = audits_home(settings) / report_id
    conclusions = write_report(audit, folder, key=sources.signing_key())
    assert audit.fairness is not None
    summary: dict[str, object] = {
        "conversations": audit.fairness.conversations,
        "flags": len(audit.fairness.flags),
        "unmet": len(conclusions.unmet),
        "unmeasured": len(conclusions.unmeasured),
    }
    report = Report(
        id=report_id,
        kind=kind,
        folder=folder,
        since=period.since,
        until=period.until,
        created_at=until,
        summary=summary,
    )
    engine = open_database(settings)
    SqlReports(engine).add(report)
    engine.dispose()
    watch.advance()
    return {"report": report_id, **summary}
