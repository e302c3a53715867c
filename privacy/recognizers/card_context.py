"""Card numbers of schemes that number like anybody else, behind the word card.

ISO/IEC 7812-1: 12 to 19 digits with Luhn; 12 digits are an order number more often than a card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.checksums import luhn_valid
from privacy.entities import Span
from privacy.reading import Reading

_SAID = re.compile(
    r"(?:(?<![a-z])(?:card|cc)|卡号|卡號|银行卡|信用卡|储蓄卡)"
    r"(?:[ :.=#]|(?:number|no|is|ending)\b|号码?|是|为)*((?:[0-9][ \-]?){11,18}[0-9])(?![0-9])"
)


def find_announced_cards(reading: Reading) -> Iterator[Span]:
    if reading.digits < 12:
        return
    for match in _SAID.finditer(reading.lower):
        if luhn_valid(re.sub("[^0-9]", "", match.group(1))):
            yield Span(
                match.start(1), match.end(1), "BANK_CARD", "announced_card", 0.9, "context:card"
            )
