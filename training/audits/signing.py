"""Sign a report, and find out whether a report is still what was signed.

The signature (Ed25519, RFC 8032) covers a statement with the SHA-256 of every file. It shows that
the holder of the key wrote these files; it does not show when, nor that no other report exists.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from privacy.errors import SignatureBroken, SignatureMissing
from privacy.signing import check, sign
from training.audits.errors import ReportForged, ReportUnreadable

FILES = ("report.json", "report.en.html", "report.zh.html")
SIGNATURE = "signature.json"
ALGORITHM = "Ed25519 over SHA-256"
_PURPOSE = "kefu audit report 1"


@dataclass(frozen=True)
class SignedReport:
    signed_at: str
    files: Mapping[str, str]
    """SHA-256 of each file, hexadecimal."""


def sign_report(folder: Path, key: Ed25519PrivateKey, *, at: datetime) -> Path:
    """Write `signature.json` beside the files of the report."""
    statement = {
        "algorithm": ALGORITHM,
        "files": {name: _sha256(folder / name) for name in FILES},
        "signed_at": at.isoformat(),
    }
    document = {"statement": statement, **sign(statement, key, purpose=_PURPOSE)}
    path = folder / SIGNATURE
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


def verify_report(folder: Path, public_key: Ed25519PublicKey) -> SignedReport:
    """Raises ReportUnreadable or ReportForged.

    `public_key` must come from somewhere else than the folder: who can forge a report can also
    put another key beside it.
    """
    path = folder / SIGNATURE
    document = _read(path)
    statement = document["statement"]
    try:
        check(statement, document, public_key, purpose=_PURPOSE)
    except SignatureBroken as error:
        raise ReportForged(path, error.reason) from None
    except SignatureMissing:
        raise _other_form(path) from None
    files = statement["files"]
    if set(files) != set(FILES):
        raise ReportForged(path, "it names other files than a report has")
    for name, digest in files.items():
        if not (folder / name).is_file():
            raise ReportForged(folder / name, "the file is missing")
        if _sha256(folder / name) != digest:
            raise ReportForged(folder / name, "the file was changed")
    return SignedReport(statement["signed_at"], files)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        statement = document["statement"]
        if not isinstance(statement["files"], dict) or not isinstance(statement["signed_at"], str):
            raise TypeError
        return dict(document)
    except OSError as error:
        reason = f"{SIGNATURE} cannot be read ({error.strerror})"
        raise ReportUnreadable(path.parent, reason) from None
    except (ValueError, KeyError, TypeError):
        raise _other_form(path) from None


def _other_form(path: Path) -> ReportUnreadable:
    return ReportUnreadable(path.parent, f"{SIGNATURE} has another form")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
