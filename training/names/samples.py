"""Labelled sentences without end: carriers filled, glued together, typed carelessly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from privacy.entities import Span
from training.names.filling import Carrier, Filler, Labelled

_GLUE_EN = (" ", ". ", ", ", "\n", " - ", "! ")
_GLUE_ZH = ("，", "。", " ", "", "\n", "！")
_CALLED_EN = ("{person} here, ", "this is {person} ", "hi, {person} here. ", "{person}: ")
_SIGNED_EN = (
    "\n{person}",
    " - {person}",
    ", {person}",
    " Thanks, {person}",
    "\nRegards,\n{person}",
)
_CALLED_ZH = ("我是{person}，", "{person}，", "你好我叫{person} ", "{person}：")
_SIGNED_ZH = ("，{person}", " {person}", "。{person}留", "（{person}）", "，联系人{person}")
_LOST_SIGNS = str.maketrans("", "", ",.!?，。！？")


@dataclass(frozen=True)
class Shares:
    """Of the sentences."""

    background: float = 0.33
    """A sentence of the company's own, in which nobody is named."""
    babble: float = 0.1
    """Words in no order; more of them are glued to sentences."""
    swapped: float = 0.35
    """Of the background: with a word or two replaced by any others."""
    introduced: float = 0.3
    """Of the background: with a name put before or behind it."""
    chinese: float = 0.5
    """Of the carriers: so many more English ones than Chinese ones were written."""
    glued: float = 0.15
    small: float = 0.16
    shouted: float = 0.02
    unpunctuated: float = 0.12
    traditional: float = 0.04


class Samples:
    def __init__(
        self,
        carriers: Sequence[Carrier],
        background: Sequence[Carrier],
        *,
        filler: Filler,
        draw: random.Random,
        shares: Shares | None = None,
    ) -> None:
        sides = [[one for one in carriers if one.chinese == side] for side in (True, False)]
        self._sides, self._background = [side for side in sides if side], list(background)
        self._filler, self._draw = filler, draw
        self._shares = shares or Shares()

    def take(self, count: int) -> list[Labelled]:
        return [self._one() for _ in range(count)]

    def _one(self) -> Labelled:
        draw, shares = self._draw, self._shares
        carrier = self._chosen()
        labelled = self._filler.fill(carrier)
        if draw.random() < shares.glued:
            other = self._chosen(chinese=carrier.chinese)
            glue = draw.choice(_GLUE_ZH if carrier.chinese else _GLUE_EN)
            labelled = joined(labelled, glue, self._filler.fill(other))
        return self._careless(labelled, chinese=carrier.chinese)

    def _chosen(self, *, chinese: bool | None = None) -> Carrier:
        draw = self._draw
        while True:
            if draw.random() < self._shares.babble:
                return self._babbled(draw.random() < 0.5 if chinese is None else chinese)
            if self._background and draw.random() < self._shares.background:
                found = self._introduced(self._swapped(draw.choice(self._background)))
            else:
                found = draw.choice(self._side())
            if chinese in (None, found.chinese):
                return found

    def _side(self) -> list[Carrier]:
        return self._sides[0 if self._draw.random() < self._shares.chinese else -1]

    def _babbled(self, chinese: bool) -> Carrier:
        return Carrier(self._filler.babble.phrase(chinese=chinese), chinese)

    def _swapped(self, plain: Carrier) -> Carrier:
        if self._draw.random() >= self._shares.swapped:
            return plain
        return replace(plain, text=self._filler.babble.swapped(plain.text, chinese=plain.chinese))

    def _introduced(self, plain: Carrier) -> Carrier:
        draw = self._draw
        if draw.random() >= self._shares.introduced:
            return plain
        before, behind = (_CALLED_ZH, _SIGNED_ZH) if plain.chinese else (_CALLED_EN, _SIGNED_EN)
        if draw.random() < 0.5:
            return replace(plain, text=draw.choice(before) + plain.text)
        return replace(plain, text=plain.text + draw.choice(behind))

    def _careless(self, labelled: Labelled, *, chinese: bool) -> Labelled:
        draw, shares = self._draw, self._shares
        if not chinese:
            kind = draw.random()
            if kind < shares.small:
                labelled = _cased(labelled, labelled.text.lower())
            elif kind < shares.small + shares.shouted:
                labelled = _cased(labelled, labelled.text.upper())
        elif draw.random() < shares.traditional:
            labelled = _cased(labelled, self._filler.traditional(labelled.text))
        if draw.random() < shares.unpunctuated:
            labelled = without_signs(labelled)
        return labelled


def joined(one: Labelled, glue: str, other: Labelled) -> Labelled:
    shift = len(one.text) + len(glue)
    moved = (replace(span, start=span.start + shift, end=span.end + shift) for span in other.spans)
    return Labelled(one.text + glue + other.text, (*one.spans, *moved))


def without_signs(labelled: Labelled) -> Labelled:
    """Commas and stops outside the spans become nothing; inside an address they stay."""
    inside = [False] * len(labelled.text)
    for span in labelled.spans:
        inside[span.start : span.end] = [True] * len(span)
    places = [0]
    kept = []
    for character, known in zip(labelled.text, inside, strict=True):
        stays = known or bool(character.translate(_LOST_SIGNS))
        kept.append(character if stays else "")
        places.append(places[-1] + stays)
    spans = tuple(Span(places[span.start], places[span.end], span.type) for span in labelled.spans)
    return Labelled("".join(kept), spans)


def _cased(labelled: Labelled, text: str) -> Labelled:
    # A letter that becomes two would shift every span behind it.
    return replace(labelled, text=text) if len(text) == len(labelled.text) else labelled
