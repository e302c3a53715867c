"""Chinese number plates, GA 36-2018: province, letter, five characters, six for new energy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from privacy.entities import Span
from privacy.reading import Reading

PROVINCES = frozenset("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼")
_ANY = "[A-HJ-NP-Za-hj-np-z0-9]"
_PLATE = re.compile(
    rf"[{''.join(sorted(PROVINCES))}][ ]?[A-HJ-NP-Za-hj-np-z][ ·•・.\-]?"
    rf"(?:[A-Ka-k]{_ANY}[0-9]{{4}}|[0-9]{{5}}[A-Ka-k]|{_ANY}{{4}}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])"
    # Behind the dot of a plate nothing else can follow, so the next word may touch it.
    r"(?:(?![0-9A-Za-z])|(?<=[·•・].{5})(?=[A-Za-z]{2})(?![A-Za-z]*[0-9]))"
)
_LEAST_DIGITS = 3
# 全新A12345 is a model, 阿里云B20240 a service: the character belongs to the word before it.
_WORDS = re.compile("(?:[最全更换崭清上创刷重]新|[里讯为百]云|[年垂]青|[四]川|安宁)$")


def find_license_plates(reading: Reading) -> Iterator[Span]:
    if reading.digits < _LEAST_DIGITS or PROVINCES.isdisjoint(reading.characters):
        return
    for match in _PLATE.finditer(reading.plain):
        digits = sum(character.isdigit() for character in match.group())
        word = reading.plain[max(0, match.start() - 1) : match.start() + 1]
        if digits >= _LEAST_DIGITS and not _WORDS.search(word):
            yield Span(
                match.start(), match.end(), "CN_LICENSE_PLATE", "cn_license_plate", 0.8, "format"
            )
