"""Sign a report, and find out whether a report is still what was signed.

The signature (Ed25519, RFC 8032) covers a statement with the SHA-256 of every file. It shows that
the holder of the key wrote these files; it does not show when, nor that no other report exists.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from training.audits.errors import ReportForged, ReportUnreadable

FILES = ("report.json", "report.en.html", "report.zh.html")
SIGNATURE = "signature.json"
ALGORITHM = "Ed25519 over SHA-256"
# So that a signature made for something else can never pass for one of a report.
_PURPOSE = b"kefu audit report 1\n"


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
    document = {
        "statement": statement,
        "public_key": _text(_raw(key.public_key())),
        "signature": _text(key.sign(_message(statement))),
    }
    path = folder / SIGNATURE
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


def verify_report(folder: Path, public_key: Ed25519PublicKey) -> SignedReport:
    """Raises ReportUnreadable or ReportForged.

    `public_key` must come from somewhere else than the folder: who can forge a report can also
    put another key beside it.
    """
    path = folder / SIGNATURE
    statement, named_key, signature = _read(path)
    if named_key != _text(_raw(public_key)):
        raise ReportForged(path, "another key than this one signed it")
    try:
        public_key.verify(signature, _message(statement))
    except InvalidSignature:
        raise ReportForged(path, "the signature does not fit") from None
    files = statement["files"]
    if set(files) != set(FILES):
        raise ReportForged(path, "it names other files than a report has")
    for name, digest in files.items():
        if not (folder / name).is_file():
            raise ReportForged(folder / name, "the file is missing")
        if _sha256(folder / name) != digest:
            raise ReportForged(folder / name, "the file was changed")
    return SignedReport(statement["signed_at"], files)


def _read(path: Path) -> tuple[dict[str, Any], str, bytes]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        statement = document["statement"]
        if not isinstance(statement["files"], dict) or not isinstance(statement["signed_at"], str):
            raise TypeError
        return statement, document["public_key"], base64.b64decode(document["signature"])
    except OSError as error:
        reason = f"{SIGNATURE} cannot be read ({error.strerror})"
        raise ReportUnreadable(path.parent, reason) from None
    except (ValueError, KeyError, TypeError):
        raise ReportUnreadable(path.parent, f"{SIGNATURE} has another form") from None


def _message(statement: Mapping[str, Any]) -> bytes:
    canonical = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _PURPOSE + canonical.encode("ascii")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
