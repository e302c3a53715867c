"""What can go wrong in an audit.

KefuError
└── TrainingError
    └── AuditError
        ├── RecordInvalid         a conversation record that no log can have produced
        ├── ProbesInvalid         a file of counterfactual sentences that cannot be used
        ├── AuditNotConnected     the command has no source of conversations
        ├── ReportUnreadable      a folder that holds no signed report
        └── ReportForged          a file or the signature is not what was signed
"""

from __future__ import annotations

from pathlib import Path

from training.errors import TrainingError


class AuditError(TrainingError):
    pass


class RecordInvalid(AuditError):
    def __init__(self, name: str, value: object, reason: str) -> None:
        super().__init__(f"A conversation record has {name} = {value!r}: {reason}.")


class ProbesInvalid(AuditError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}.")


class AuditNotConnected(AuditError):
    def __init__(self) -> None:
        super().__init__("This installation has no source of conversations to audit.")


class ReportUnreadable(AuditError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is no signed report: {reason}.")


class ReportForged(AuditError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not what was signed: {reason}. Do not rely on it.")
