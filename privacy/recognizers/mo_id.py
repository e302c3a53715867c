"""Macau's resident identity cards: 1, 5 or 7, six digits and a check digit, 1234567(8), and
1/234567/8 on cards before 2002 (Direcção dos Serviços de Identificação).

How the check digit comes about is not published, so a word must say it: any that speaks of an
identity card or of Macau where brackets or strokes are written, both where eight digits are bare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.context import identity_word, identity_word_after, says_goods, says_otherwise
from privacy.entities import Span
from privacy.reading import Reading

NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][\-./])[157](?:[0-9]{6}[ ]?[(\[][0-9][)\]]|/[0-9]{6}/[0-9](?![0-9/])"
    r"|[0-9]{6}-?[0-9](?![0-9A-Za-z]|[\-.][0-9]))"
)
_PLACE = re.compile(r"澳门|澳門|macau|macao|(?<![a-z])(?:bir|mo ?id)(?![a-z])")
_MARKED = frozenset("()[]/")
_REACH = 30
_PHONE = re.compile("电话|電話|手机|手機|phone|tel")


def find_macau_ids(reading: Reading) -> Iterator[Span]:
    if reading.digits < 8:
        return
    text = reading.lower
    for match in NUMBER.finditer(reading.plain):
        start, end = match.span()
        before = text[max(0, start - _REACH) : start]
        place = _PLACE.search(before)
        said = identity_word(text, start) or identity_word_after(text, end)
        other = says_goods(text, start) or says_otherwise(text, start, end)
        if not said and (other or _PHONE.search(before)):
            continue
        if (place and said) or ((place or said) and not _MARKED.isdisjoint(match.group())):
            word = said or (place.group() if place else "")
            yield Span(start, end, "MO_ID", "mo_id", 0.85, f"context:{word}")
