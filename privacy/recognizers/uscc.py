"""Unified social credit codes of Chinese organisations, GB 32100-2015."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.checksums import USCC_ALPHABET, uscc_valid
from privacy.entities import Span
from privacy.reading import Reading

_CODE = re.compile(
    rf"(?<![0-9A-Za-z])[1-9ANY][ \-]?[1-9A](?:[ \-]?[0-9]){{6}}(?:[ \-]?[{USCC_ALPHABET}]){{10}}"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_CONTEXT = re.compile(r"信用代码|税号|纳税人|识别号|營業執照|营业执照|抬头|uscc|tax")
_CONTEXT_REACH = 30


def find_usccs(reading: Reading) -> Iterator[Span]:
    if reading.digits < 8:
        return
    for match in _CODE.finditer(reading.plain):
        code = re.sub("[ \\-]", "", match.group().upper())
        if not uscc_valid(code):
            continue
        before = reading.lower[max(0, match.start() - _CONTEXT_REACH) : match.start()]
        # One in 31 long order numbers passes the check too.
        said = _CONTEXT.search(before)
        if said or not code.isdigit():
            reason = f"context:{said.group()}" if said else "checksum"
            yield Span(match.start(), match.end(), "CN_USCC", "cn_uscc", 0.97, reason)
