"""Web addresses, and which of them say who somebody is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from privacy.entities import Span
from privacy.reading import HAN, Reading

PLAIN = "url"
PERSONAL = "personal_url"

_FULL = re.compile(
    rf"(?:https?|ftp)://[^\s<>\"'`|{{}}\\^{HAN}，。；！？、（）【】「」《》]+", re.IGNORECASE
)
_BARE = re.compile(
    r"(?<![0-9A-Za-z@._\-/])(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,5}"
    r"(?:com|net|org|cn|io|co|edu|gov|info|biz|me|app|dev|uk|us|de|fr|jp|hk|tw|eu|ca|au|in|shop)"
    rf"(?![0-9A-Za-z_@\-])(?:/[^\s<>\"'{HAN}，。；！？、（）]*)?",
    re.IGNORECASE,
)
# Query parameters that carry a person or open a session as one.
_PERSONAL_KEYS = re.compile(
    r"(?:access_?|id_?|refresh_?|auth_?|api_?|csrf_?)?token|auth|authorization|sig|signature"
    r"|session(?:_?id)?|sid|jwt|ticket|otp|api_?key|secret|pass(?:wd|word)?|pwd"
    r"|e?mail|phone|mobile|tel|name|(?:first|last|full|user|real)_?name|user(?:_?id)?|uid|openid"
    r"|unionid|account|address|addr|birth(?:day|date)?|dob|id_?card|id_?no|ssn|card(?:_?no)?|iban",
    re.IGNORECASE,
)
# A product's key or code is short, a secret is long.
_LONG_KEYS = frozenset({"key", "code", "id"})
_SECRET_LENGTH = 20


def find_urls(reading: Reading) -> Iterator[Span]:
    """Recogniser `url` for a page anybody may see, `personal_url` for the others."""
    if "." not in reading.characters and "://" not in reading.plain:
        return
    for pattern in (_FULL, _BARE):
        for match in pattern.finditer(reading.plain):
            address = match.group().rstrip(".,;:!?)]*'\"")
            if address:
                kind = PERSONAL if _personal(address) else PLAIN
                score = 0.9 if kind == PERSONAL else 0.6
                yield Span(
                    match.start(), match.start() + len(address), "URL", kind, score, "format"
                )


def _personal(address: str) -> bool:
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        pairs = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
    except ValueError:
        # Not to be understood, so not known to be harmless.
        return "@" in address or "?" in address
    if "@" in parts.netloc:
        return True
    return any(
        (value and _PERSONAL_KEYS.fullmatch(key))
        or (len(value) >= _SECRET_LENGTH and key.lower() in _LONG_KEYS)
        for key, value in pairs
    )
