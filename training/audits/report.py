"""The audit report: one page a language, the same numbers as JSON, and a signature."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from training.audits.conclusions import Audit, Conclusions, conclude
from training.audits.page import render_page
from training.audits.signing import SIGNATURE, sign_report
from training.audits.wording import LANGUAGES, load_wording

FORMAT = 1


def write_report(audit: Audit, folder: Path, *, key: Ed25519PrivateKey) -> Conclusions:
    """Write `report.json`, `report.en.html`, `report.zh.html` and `signature.json`.

    An older report in the folder is replaced. Until the last file is written there is no
    signature, so that half a report never verifies.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SIGNATURE).unlink(missing_ok=True)
    conclusions = conclude(audit)
    figures = {"format": FORMAT, "audit": plain(audit), "conclusions": plain(conclusions)}
    text = json.dumps(figures, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    for language in LANGUAGES:
        page = render_page(audit, conclusions, load_wording(language, attributes=audit.attributes))
        (folder / f"report.{language}.html").write_text(page, encoding="utf-8")
    sign_report(folder, key, at=audit.generated_at)
    return conclusions


def plain(value: Any) -> Any:
    """What JSON can hold: times as ISO 8601, spans in days, what is no number as null."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
