"""Where trained intent models live: `intents/<collection>/<version>/`, and `CURRENT` names one."""

from __future__ import annotations

import os
from pathlib import Path

CURRENT = "CURRENT"


def current_intents(home: Path, collection: str) -> Path | None:
    """Directory of the model that serves the collection, or None when it has none."""
    pointer = home / collection / CURRENT
    if not pointer.is_file():
        return None
    return home / collection / pointer.read_text(encoding="utf-8").strip()


def promote_intents(home: Path, collection: str, version: str) -> None:
    """Let `version` serve from the next turn on; the swap is atomic."""
    pointer = home / collection / CURRENT
    fresh = pointer.with_name(f"{CURRENT}.{os.getpid()}")
    fresh.write_text(version + "\n", encoding="utf-8")
    fresh.replace(pointer)
