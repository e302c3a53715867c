"""Phone numbers of any shape behind a word that says so: a local number, a foreign habit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.patterns import looks_like_date, looks_like_hotline
from privacy.reading import Reading

_WORDS = (
    r"(?<![a-z])(?:phone|mobile|cell|tel|telephone|whatsapp|(?:call|reach|text|ring) (?:me|us)"
    r"|my number|contact number|messages to)(?![a-z])|(?<![a-z])(?:fax|desk|office)(?=[:,\\])"
    r"|电话|電話|手机|手機|联系方式|座机|固话|传真|我的号码"
)
_LINK = r"(?:[ :.,=\\]|(?:no|number|at|on|is|my)\b|号码?|號碼?|是|为|:)"
_NUMBER = r"\+?\(?[0-9](?:[ ().\-/]{0,3}[0-9]){6,14}(?: ?(?:x|ext\.?|转) ?[0-9]{1,6})?"
_SAID = re.compile(rf"(?:{_WORDS}){_LINK}{{0,8}}({_NUMBER})(?![0-9]|[ ]?[元块%]|\.[0-9])")
_HINTS = re.compile(_WORDS)


def find_announced_phones(reading: Reading) -> Iterator[Span]:
    if reading.digits < 7 or not _HINTS.search(reading.lower):
        return
    for match in _SAID.finditer(reading.lower):
        number = match.group(1)
        if not looks_like_date(number) and not looks_like_hotline(number):
            said = _HINTS.match(reading.lower, match.start())
            reason = f"context:{said.group()}" if said else "announced"
            start, end = match.span(1)
            yield Span(start, end, "PHONE_NUMBER", "announced_phone", 0.8, reason)
