"""Fonts for the text in pictures, where no reader's browser can choose one."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import matplotlib as mpl
from matplotlib import font_manager, ft2font
from matplotlib.figure import Figure

LATIN = "DejaVu Sans"
"""Comes with matplotlib, so it is always there."""
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "Arial Unicode MS",
)
_DOTS_PER_INCH = 110


@dataclass(frozen=True)
class Typeface:
    families: tuple[str, ...]
    """In the order in which matplotlib tries them for a character."""

    def draws(self, text: str) -> bool:
        known = [_characters(family) for family in self.families]
        return all(any(ord(c) in one for one in known) for c in text if not c.isspace())

    def drawn(self, text: str, number: int) -> str:
        """The text, or where it would come out as boxes a number that stands for it."""
        return text if self.draws(text) else f"#{number}"

    @contextmanager
    def worn(self) -> Iterator[None]:
        """What is drawn and saved meanwhile uses these fonts."""
        with mpl.rc_context({"font.family": list(self.families)}):
            yield


def choose_typeface(texts: Iterable[str], *, candidates: tuple[str, ...] = CHINESE) -> Typeface:
    """As few fonts as draw all the texts; characters that no installed font has stay undrawn."""
    texts = list(texts)
    latin = Typeface((LATIN,))
    if all(latin.draws(text) for text in texts):
        return latin
    installed = {font.name for font in font_manager.fontManager.ttflist}
    for family in candidates:
        if family in installed:
            return Typeface((LATIN, family))
    return latin


def png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight")
    return stream.getvalue()


@cache
def _characters(family: str) -> frozenset[int]:
    path = font_manager.findfont(family, fallback_to_default=False)
    return frozenset(ft2font.FT2Font(path).get_charmap())
