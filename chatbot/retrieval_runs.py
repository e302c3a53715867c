"""Measurements of retrieval that were kept, read from the files that training leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUNS = Path("evaluations") / "retrieval"
_WHOLE = "all"
"""The channel that stands for the whole search."""


@dataclass(frozen=True)
class RetrievalRun:
    name: str
    """Begins with the moment, `YYYYMMDDTHHMMSSZ`."""
    queries: str
    queries_sha256: str
    knowledge: str
    encoder: str
    figures: Mapping[str, Any]


def read_retrieval_runs(home: Path, *, limit: int = 50) -> list[RetrievalRun]:
    """Newest first; a file that cannot be read is passed over."""
    found = (_run(path) for path in sorted((home / RUNS).glob("*.json"), reverse=True))
    return [run for run in found if run is not None][:limit]


def _run(path: Path) -> RetrievalRun | None:
    try:
        row = json.loads(path.read_bytes())
        channels = row["channels"]
        main = channels[_WHOLE] if _WHOLE in channels else next(iter(channels.values()))
        return RetrievalRun(
            name=str(row["name"]),
            queries=str(row["queries"]),
            queries_sha256=str(row["queries_sha256"]),
            knowledge=str(row["knowledge"]),
            encoder=str(row["encoder"]),
            figures=dict(main["figures"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
