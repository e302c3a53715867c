"""How much memory a process holds."""

from __future__ import annotations

import os
from pathlib import Path


def resident_bytes() -> int:
    """Of this process, now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
