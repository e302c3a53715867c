"""The list of audit reports in SQLite or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, delete, insert, select

from chatbot.adapters.tables import audits
from chatbot.adapters.transactions import Transactions, utc
from chatbot.reports import Report


class SqlReports:
    def __init__(self, engine: Engine) -> None:
        self._transactions = Transactions(engine)

    def add(self, report: Report) -> None:
        """One of the same id, written by a job that was cut off, is replaced."""
        row = vars(report) | {"folder": str(report.folder), "summary": dict(report.summary)}
        with self._transactions.writing() as connection:
            connection.execute(delete(audits).where(audits.c.id == report.id))
            connection.execute(insert(audits).values(row))

    def all(self, *, limit: int = 100) -> list[Report]:
        return self._read(select(audits).order_by(audits.c.created_at.desc()).limit(limit))

    def find(self, report_id: str) -> Report | None:
        found = self._read(select(audits).where(audits.c.id == report_id))
        return found[0] if found else None

    def _read(self, query: Select[Any]) -> list[Report]:
        with self._transactions.reading() as connection:
            return [
                Report(
                    id=row["id"],
                    kind=row["kind"],
                    folder=Path(row["folder"]),
                    since=utc(row["since"]),
                    until=utc(row["until"]),
                    created_at=utc(row["created_at"]),
                    summary=row["summary"],
                )
                for row in connection.execute(query).mappings()
            ]
