"""Taiwan's national identification numbers and those of its resident certificates: the letter of
a district, a digit for the sex (8 and 9 since 2021 on resident certificates, a letter A to D
before) and eight digits, of which the last one checks (Ministry of the Interior).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.checksums import taiwan_id_valid
from privacy.context import identity_word, identity_word_after, says_goods, says_otherwise
from privacy.entities import Span
from privacy.reading import Reading

NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[A-Za-z][ \-]?[1289A-Da-d][0-9]{4}[ \-]?[0-9]{4}(?![0-9A-Za-z]|[\-.][0-9])"
)
_UNIFIED = re.compile("(统一编号|統一編號|统一证号|統一證號)[^0-9,;!。]{0,6}$")
_REACH = 20
_BARE = re.compile("[A-Z][1289A-D][0-9]{8}")


def find_taiwan_ids(reading: Reading) -> Iterator[Span]:
    if reading.digits < 8:
        return
    for match in NUMBER.finditer(reading.plain):
        score, reason = _judge(reading, match)
        if score:
            yield Span(match.start(), match.end(), "TW_ID", "tw_id", score, reason)


def _judge(reading: Reading, match: re.Match[str]) -> tuple[float, str]:
    """One code in ten of this form has a right check digit, so what is announced as an order or
    an article stays, and one in small letters or groups needs a word."""
    text, (start, end) = reading.lower, match.span()
    said = identity_word(text, start) or identity_word_after(text, end)
    said = said or _unified(text[max(0, start - _REACH) : start])
    valid = taiwan_id_valid(re.sub(r"[ \-]", "", match.group()))
    if said:
        return (0.97, "checksum") if valid else (0.7, f"context:{said}")
    bare = valid and _BARE.fullmatch(match.group())
    if not bare or says_goods(text, start) or says_otherwise(text, start, end):
        return 0.0, ""
    return 0.75, "checksum"


def _unified(before: str) -> str:
    found = _UNIFIED.search(before)
    return found.group(1) if found else ""
