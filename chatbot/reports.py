"""Audit reports that were written, as the console lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Report:
    id: str
    kind: str
    folder: Path
    """Holds `report.en.html`, `report.zh.html` and the figures."""
    since: datetime
    until: datetime
    created_at: datetime
    summary: Mapping[str, Any]


class ReportStore(Protocol):
    def all(self, *, limit: int = 100) -> list[Report]:
        """Newest first."""
        ...

    def find(self, report_id: str) -> Report | None: ...
