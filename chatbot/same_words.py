"""When two sentences say the same, and what is kept in the place of one."""

from __future__ import annotations

import hashlib
import unicodedata


def normalise(text: str) -> str:
    """What two sentences share that differ only in case, width, spacing or punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in folded)
    # A text of signs alone ("???") has no letters and stays what it is.
    return " ".join((letters if letters.strip() else folded).split())


def fingerprint(text: str) -> str:
    """SHA-256 in hexadecimal, kept for good in place of a masked sentence that was taught."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()
