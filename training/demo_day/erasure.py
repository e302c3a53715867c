"""Proof that an erased customer's words are gone from a copy of the database made before, too."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from training.demo_day.kefu_process import Terminal
from training.errors import StepFailed


def prove_erasure(
    terminal: Terminal,
    *,
    canaries: Sequence[Mapping[str, str]],
    database: Path,
    copy: Path,
    certificate: Path,
) -> Mapping[str, object]:
    """Export, copy, erase, and try to export from the copy. Raises StepFailed."""
    if not canaries:
        raise StepFailed("no customer wrote personal data: simulate more conversations")
    customer = canaries[0]["customer"]
    values = [each["value"] for each in canaries if each["customer"] == customer]
    with tempfile.TemporaryDirectory() as folder:
        # Words in the clear: they must not stay.
        exported = Path(folder) / "export.json"
        terminal.run("privacy", "export", "--customer", customer, "--output", exported)
        kept = exported.read_text(encoding="utf-8")
    # Without this, nothing found afterwards would prove nothing.
    if not all(value in kept for value in values):
        raise StepFailed("the originals could not be read even before the erasure")
    _copy(database, copy)
    terminal.run("privacy", "erase", "--customer", customer, "--yes", "--output", certificate)
    read = terminal.attempt(
        *("privacy", "export", "--customer", customer),
        environment={"KEFU_DATABASE_URL": f"sqlite:///{copy.resolve()}"},
    )
    if any(value in read.stdout + read.stderr for value in values):
        raise StepFailed("a copy of the database made before the erasure can still be read")
    return {"values": len(values), "customer": customer, "certificate": certificate}


def _copy(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
