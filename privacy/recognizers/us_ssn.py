"""US social security numbers: area not 000, 666 or 9xx, group not 00, serial not 0000 (SSA)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.context import says_goods
from privacy.entities import Span
from privacy.reading import Reading

_NUMBER = re.compile(
    r"(?<![0-9A-Za-z\-])(?!000|666|9)[0-9]{3}([ .\-]?)(?!00)[0-9]{2}\1(?!0000)[0-9]{4}"
    r"(?![0-9A-Za-z]|[\-.][0-9])"
)
_CONTEXT = re.compile(r"\bssn\b|social security|社会安全|社安号")
_CONTEXT_REACH = 40


def find_us_ssns(reading: Reading) -> Iterator[Span]:
    if reading.digits < 9:
        return
    for match in _NUMBER.finditer(reading.plain):
        before = reading.lower[max(0, match.start() - _CONTEXT_REACH) : match.start()]
        # Without dashes nine digits are an order number unless somebody says otherwise.
        said = _CONTEXT.search(before)
        if said or (match.group(1) == "-" and not says_goods(reading.lower, match.start())):
            score, reason = (0.95, f"context:{said.group()}") if said else (0.75, "format")
            yield Span(match.start(), match.end(), "US_SSN", "us_ssn", score, reason)
