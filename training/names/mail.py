"""Addresses of real towns, in shapes of many countries' mail that Faker does not write."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

_DATA = Path(__file__).with_name("mail.toml")
_PART = re.compile(r"<([a-z]+)>")
_GAPS = (", ", ", ", ", ", "\n", "\n", ",\n", " ", " - ", " / ")
_CUT = 0.15
"""Of the addresses: without their last line."""
_AT_HOME = 0.5
"""Of the addresses: of countries whose roads have English names."""

Lists = Mapping[str, list[str]]


class Mail:
    """Every draw is the random generator's."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
        self._words: Lists = data["english"]
        self._countries: list[Lists] = list(data["countries"].values())
        self._english_ones = [one for one in self._countries if "roads" not in one]
        self._here = self._countries[0]
        self._makers: Mapping[str, Callable[[], str]] = {
            "n": self._number,
            "u": lambda: str(draw.randint(1, draw.choice((40, 999)))),
            "d": lambda: str(draw.randint(1, 12)),
            "a": lambda: draw.choice("ABCDEF"),
            "tree": lambda: draw.choice(self._words["trees"]),
            "family": lambda: draw.choice(self._words["families"]),
            "house": lambda: draw.choice(self._words["houses"]),
            "english": self._english,
            "road": lambda: draw.choice(self._here["roads"]),
            "town": lambda: draw.choice(self._here["towns"]),
            "code": lambda: self._coded(draw.choice(self._here["codes"])),
            "name": lambda: draw.choice(self._here["names"]),
        }

    def address(self) -> str:
        lines = self._lines()
        if self._draw.random() < _CUT:
            lines = lines[: max(1, len(lines) - 1)]
        return self._draw.choice(_GAPS).join(lines)

    def lines(self) -> str:
        """As it stands on an envelope, one part below the other."""
        return self._draw.choice(("\n", "\n", ",\n")).join(self._lines())

    def road(self) -> str:
        """A road without a number."""
        self._travel()
        own = self._here.get("roads")
        return self._draw.choice(own) if own else self._english()

    def coded_place(self) -> str:
        """A postcode with its town, no street."""
        self._travel()
        town, code = (self._makers[part]() for part in ("town", "code"))
        return f"{code} {town}" if "roads" in self._here else f"{town} {code}"

    def box(self) -> str:
        """A post-office box, most often with its town."""
        draw = self._draw
        box = self._filled(draw.choice(self._words["boxes"]))
        if draw.random() < 0.25:
            return box
        return draw.choice((", ", "\n", " ")).join((box, self.coded_place()))

    def _lines(self) -> list[str]:
        self._travel()
        return self._filled(self._draw.choice(self._here["shapes"])).split("|")

    def _travel(self) -> None:
        draw = self._draw
        near = draw.random() < _AT_HOME
        self._here = draw.choice(self._english_ones if near else self._countries)

    def _filled(self, shape: str) -> str:
        # The shape's own figures first: a road may have a name with a nought or an @ in it.
        return _PART.sub(lambda match: self._makers[match[1]](), self._coded(shape))

    def _coded(self, shape: str) -> str:
        draw = self._draw
        digits = re.sub("0", lambda _: str(draw.randrange(10)), shape)
        return re.sub("@", lambda _: draw.choice("ABCDEGHJKLMNPRSTW"), digits)

    def _number(self) -> str:
        return str(self._draw.randint(1, self._draw.choice((30, 200, 9999))))

    def _english(self) -> str:
        draw = self._draw
        if draw.random() < 0.2:
            return draw.choice(self._words["roads"])
        name = draw.choice(self._words["trees" if draw.random() < 0.65 else "families"])
        if draw.random() < 0.15:
            name = f"{draw.choice(('N', 'S', 'E.', 'West', 'Old', 'Upper', 'Little'))} {name}"
        return f"{name} {draw.choice(self._words['kinds'])}"
