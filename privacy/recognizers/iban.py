"""IBAN, ISO 13616: country, two check digits modulo 97, a length fixed for each country."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.checksums import iban_valid
from privacy.entities import Span
from privacy.reading import Reading

# SWIFT's IBAN registry.
LENGTHS = {
    country: int(length)
    for country, length in (
        pair.split(":")
        for pair in (
            "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 "
            "CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 "
            "GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 "
            "LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 "
            "PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 ST:25 "
            "SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
        ).split()
    )
}
# IBANDE89… has no space behind the word.
_START = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=IBAN)|(?<=iban))[A-Za-z]{2}[ ]?[0-9]{2}(?=[ .\-]{0,2}[0-9A-Za-z])"
)
_MOST_APART = 2


def find_ibans(reading: Reading) -> Iterator[Span]:
    if reading.digits < 9:
        return
    for match in _START.finditer(reading.plain):
        length = LENGTHS.get(match.group()[:2].upper())
        end = _end(reading.plain, match.start(), length) if length else None
        if end is not None:
            yield Span(match.start(), end, "IBAN", "iban", 0.99, "checksum")


def _end(plain: str, start: int, length: int) -> int | None:
    """Where `length` letters and digits end that one or two spaces, dashes or dots may part."""
    found, position, apart = "", start, 0
    while len(found) < length and position < len(plain):
        character = plain[position]
        if character.isascii() and character.isalnum():
            found, apart = found + character, 0
        elif character not in " -." or apart == _MOST_APART:
            return None
        else:
            apart += 1
        position += 1
    if len(found) < length or not iban_valid(found):
        return None
    following = plain[position : position + 1]
    return None if following.isascii() and following.isalnum() else position
